import Architectures
import VectorMath

// The patch embedding for p = 16, on the image as it is: K = 1 or 3 interleaved channels, S = 14·16 pixels a side.
//
//     y[o, t] = b[o] + Σ_v Σ_lane w[v, o] u[v, t],   v = 0 ..< 16·K
//
// u[v, t] are the 16 bytes v of patch t, row by row of the patch and K to a row, as numbers; w[v, o] their folded weights.
//
//     dw[v, o] = Σ_t dy[o, t] u[v, t],   lane by lane
//
// Nothing is saved: the bytes are turned into numbers again. Either way each of them is loaded once for four outputs: the
// count of 16-lane operations per image is 196·16·K·(4 + 2), four multiply-adds and two conversions.

private var side: Int { VisionTransformerArchitecture.gridSize }
private let patch = 16
private var tokens: Int { side * side }

/// Four patches make one call of `sums` with four outputs, and share the weights in registers.
private let tokensPerGroup = 4

/// The first byte of a patch.
@inline(__always)
private func firstByte(of token: Int, channels: Int) -> Int {
  (token / side * patch * side + token % side) * patch * channels
}

/// Bytes of a row of the image.
@inline(__always)
private func rowBytes(channels: Int) -> Int { side * patch * channels }

/// y `[C, T]`; weights `[v, C]`, bias `[C]`. Of the `next` image, if there is one, each cache line is asked for.
func patchRows(
  _ image: UnsafePointer<UInt8>, next: UnsafePointer<UInt8>?, channels: Int, weights: UnsafePointer<Lanes>,
  bias: UnsafePointer<Float>, into y: Planes
) {
  var o = 0
  while o < y.channels {
    // One prefetch for every 64 bytes read, the first time they are.
    let next = o == 0 ? next : nil
    if y.channels - o >= 4 {
      if lanesFillOneRegister {
        rows(image, next, channels, weights, bias, y, o, InlineArray<4, Lanes>.self, InlineArray<4, Lanes>.self)
      } else {
        rows(image, next, channels, weights, bias, y, o, InlineArray<4, HalfLanes>.self, InlineArray<2, HalfLanes>.self)
      }
      o += 4
    } else {
      rows(image, next, channels, weights, bias, y, o, InlineArray<2, Lanes>.self, InlineArray<2, Lanes>.self)
      o += 2
    }
  }
}

/// N outputs; P patches at a time, N · P sums in registers, of all lanes or of one half after the other.
@inline(__always)
private func rows<let N: Int, let P: Int, Group: LaneGroup>(
  _ image: UnsafePointer<UInt8>, _ next: UnsafePointer<UInt8>?, _ channels: Int, _ weights: UnsafePointer<Lanes>,
  _ bias: UnsafePointer<Float>, _ y: Planes, _ o: Int, _: InlineArray<N, Group>.Type, _: InlineArray<P, Group>.Type
) {
  let row = rowBytes(channels: channels)
  var soon = next
  for group in stride(from: 0, to: tokens, by: tokensPerGroup) {
    var lanes = InlineArray<16, Lanes>(repeating: splat(0))  // output · 4 + token of the group
    for first in stride(from: 0, to: tokensPerGroup, by: P) {
      for part in 0..<Group.parts {
        var starts = InlineArray<P, UnsafePointer<UInt8>>(repeating: image)
        for u in 0..<P {
          starts[u] = image + firstByte(of: group + first + u, channels: channels) + part * Group.scalarCount
        }
        var sums = InlineArray<P, InlineArray<N, Group>>(repeating: InlineArray(repeating: Group(repeating: 0)))
        var folded = Group.inside(weights + o) + part
        var offset = 0
        for _ in 0..<patch {
          if let line = soon, first == 0, part == 0 {
            for k in 0..<channels { prefetchFar(line + 64 &* k) }
            soon = line + 64 &* channels
          }
          for k in 0..<channels {
            for u in 0..<P {
              let bytes = Group.loadBytes(starts[u] + (offset &+ k &* laneCount))
              for n in 0..<N { sums[u][n] = Group.multiplyAdd(bytes, folded[n &* Group.parts], sums[u][n]) }
            }
            folded += y.channels &* Group.parts
          }
          offset &+= row
        }
        withUnsafeMutablePointer(to: &lanes) {
          let into = UnsafeMutableRawPointer($0).assumingMemoryBound(to: Group.self) + part
          for u in 0..<P {
            for n in 0..<N { into[(n &* tokensPerGroup &+ first &+ u) &* Group.parts] = sums[u][n] }
          }
        }
      }
    }
    let totals = sumsOfLanes(lanes)
    for n in 0..<N {
      for u in 0..<tokensPerGroup { y[o + n, group + u] = totals[n * tokensPerGroup + u] + bias[o + n] }
    }
  }
}

/// Adds Σ_t dy[o, t] u[v, t] to `dWeight` `[v, C]`.
func patchRowsBackward(
  _ dy: Planes, image: UnsafePointer<UInt8>, channels: Int, dWeight: UnsafeMutablePointer<Lanes>
) {
  var o = 0
  while o < dy.channels {
    if dy.channels - o >= 4 {
      if lanesFillOneRegister {
        rowGradients(dy, image, channels, dWeight, o, InlineArray<4, Lanes>.self, InlineArray<4, Lanes>.self)
      } else {
        rowGradients(dy, image, channels, dWeight, o, InlineArray<4, Lanes>.self, InlineArray<1, Lanes>.self)
      }
      o += 4
    } else {
      rowGradients(dy, image, channels, dWeight, o, InlineArray<2, Lanes>.self, InlineArray<2, Lanes>.self)
      o += 2
    }
  }
}

/// N outputs; V vectors of a patch at a time, whose N · V sums stay in registers while the tokens pass by.
@inline(__always)
private func rowGradients<let N: Int, let V: Int>(
  _ dy: Planes, _ image: UnsafePointer<UInt8>, _ channels: Int, _ dWeight: UnsafeMutablePointer<Lanes>, _ o: Int,
  _: InlineArray<N, Lanes>.Type, _: InlineArray<V, Lanes>.Type
) {
  let step = dy.vectors * laneCount
  let gradients = UnsafePointer(dy.scalars) + o * step
  for first in stride(from: 0, to: patch * channels, by: V) {
    var offsets = InlineArray<V, Int>(repeating: 0)
    var sums = InlineArray<V, InlineArray<N, Lanes>>(repeating: InlineArray(repeating: splat(0)))
    for v in 0..<V {
      let vector = first + v
      offsets[v] = vector / channels * rowBytes(channels: channels) + vector % channels * laneCount
      for n in 0..<N { sums[v][n] = dWeight[vector * dy.channels + o + n] }
    }
    var token = 0
    for gridRow in 0..<side {
      var start = image + firstByte(of: gridRow * side, channels: channels)
      for _ in 0..<side {
        var gradient = InlineArray<N, Lanes>(repeating: splat(0))
        for n in 0..<N { gradient[n] = splat(gradients[n &* step &+ token]) }
        for v in 0..<V {
          let bytes = loadBytes(start + offsets[v])
          for n in 0..<N { sums[v][n] = multiplyAdd(bytes, gradient[n], sums[v][n]) }
        }
        token &+= 1
        start += patch &* channels
      }
    }
    for v in 0..<V {
      for n in 0..<N { dWeight[(first + v) * dy.channels + o + n] = sums[v][n] }
    }
  }
}
