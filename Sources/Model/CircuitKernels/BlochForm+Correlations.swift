import QuantumCircuits
public import VectorMath

// Why: a pair that closes a cycle needs ⟨Z_a Z_b⟩ and ⟨X_a X_b⟩ of qubits that are not independent. The plan has found the two
// qubits whose correlations these come from at every earlier pair (`BlochPlan`); here the four numbers of those two qubits are
// computed pair by pair, forward in time, next to the Bloch pairs.
//
// Correlations ⟨PQ⟩ of two followed qubits: four planes, ZZ, ZX, XZ, XX, the first letter the first qubit's. With r the
// correlations behind the pair's rotation of one of them, (z, x) the rotated Bloch pairs of control a and target b, and o
// the Bloch pair of the other followed qubit, the pair makes of the two numbers (for its Z and for its X) that go with
// each P of the other qubit:
//
//     control:    Z: r_Z        X: r_X x_b          (X_a ← X_a X_b, b independent)
//     target:     Z: r_Z z_a    X: r_X              (Z_b ← Z_a Z_b, a independent)
//     toTarget:   Z: r_Z z_b    X: x_b o_P          (Z_b ← Z_a Z_b, a correlated, b independent)
//     toControl:  Z: z_a o_P    X: r_X x_a          (X_a ← X_a X_b, b correlated, a independent)
//     joined:     Z_a Z_b ← z_b,  Z_a X_b ← z_a x_b,  X_a Z_b ← 0,  X_a X_b ← x_a
//     product:    P Q ← P·Q

/// A pair's step on followed correlations, with the places of its planes.
@usableFromInline
struct CorrelationStep {
  /// How Z's and X's numbers come about.
  @usableFromInline
  enum Kind {
    case product
    case joined
    case control
    case target
    case toTarget
    case toControl
  }

  @usableFromInline let kind: Kind
  /// The four planes before and after.
  @usableFromInline let from: Int
  @usableFromInline let to: Int
  /// The four gradient planes.
  @usableFromInline let gradient: Int
  /// Distances among the four planes: between Z and X of the qubit acted on, and of the other.
  @usableFromInline let own: Int
  @usableFromInline let other: Int
  /// A qubit that the pair does not act on, with the planes of its Bloch pair.
  @usableFromInline
  struct Bystander {
    @usableFromInline let qubit: Int
    @usableFromInline let bloch: BlochPlanes
  }

  /// The other followed qubit where the walk moves from one of the pair to its partner; of a product, the second. Of no meaning
  /// elsewhere.
  @usableFromInline let bystander: Bystander
  /// Of a product the first followed qubit.
  @usableFromInline let first: Bystander

  /// The step for a change, `bloch` being the planes of all qubits' Bloch pairs before the pair.
  init(_ change: BlochPlan.Change, _ bloch: [BlochPlanes], from: Int, to: Int, gradient: Int) {
    var (side, pair) = (BlochPlan.Side.first, (0, 0))
    switch change {
    case .product(let first, let second): (kind, pair) = (.product, (first, second))
    case .joined(let firstIsControl): (kind, side) = (.joined, firstIsControl ? .first : .second)
    case .control(let touched): (kind, side) = (.control, touched)
    case .target(let touched): (kind, side) = (.target, touched)
    case .toTarget(let moved, let other): (kind, side, pair) = (.toTarget, moved, (other, other))
    case .toControl(let moved, let other): (kind, side, pair) = (.toControl, moved, (other, other))
    }
    self.from = from
    self.to = to
    self.gradient = gradient
    (own, other) = side == .first ? (2, 1) : (1, 2)
    first = Bystander(qubit: pair.0, bloch: bloch[pair.0])
    bystander = Bystander(qubit: pair.1, bloch: bloch[pair.1])
  }

  /// Whether the qubit that was followed before the pair is turned by the pair's first angle (else by its second).
  @usableFromInline var usesControl: Bool { kind == .control || kind == .toTarget }
}

extension BlochForm {
  /// The planes of a step's correlations behind the pair; `rotated` are the pair's six planes, c and s the cosine and sine
  /// of the rotation of the qubit followed so far.
  @inlinable @inline(__always)
  func carry(
    _ step: CorrelationStep, _ rotated: UnsafeMutablePointer<Value>, _ cos: ChannelView<Value>,
    _ sin: ChannelView<Value>, _ count: Int, _ c: Value, _ s: Value
  ) {
    let (old, new) = (plane(step.from, cos, sin), plane(step.to, cos, sin))
    let (own, other) = (step.own * capacity, step.other * capacity)
    let (za, xa, zb, xb) = (rotated, rotated + capacity, rotated + 2 * capacity, rotated + 3 * capacity)
    if step.kind == .joined {
      for v in 0..<count {
        new[v] = zb[v]
        new[other + v] = za[v] * xb[v]
        new[own + v] = .zero
        new[own + other + v] = xa[v]
      }
      return
    }
    for p in 0..<2 {
      let (oldZ, oldX) = (old + p * other, old + p * other + own)
      let (newZ, newX) = (new + p * other, new + p * other + own)
      let o = plane(p == 0 ? step.bystander.bloch.z : step.bystander.bloch.x, cos, sin)
      switch step.kind {
      case .joined: break
      case .product:
        let (firstZ, firstX) = (plane(step.first.bloch.z, cos, sin), plane(step.first.bloch.x, cos, sin))
        for v in 0..<count {
          newZ[v] = firstZ[v] * o[v]
          newX[v] = firstX[v] * o[v]
        }
      case .control:
        for v in 0..<count {
          let (rz, rx) = rotate(oldZ[v], oldX[v], c, s)
          newZ[v] = rz
          newX[v] = rx * xb[v]
        }
      case .target:
        for v in 0..<count {
          let (rz, rx) = rotate(oldZ[v], oldX[v], c, s)
          newZ[v] = rz * za[v]
          newX[v] = rx
        }
      case .toTarget:
        for v in 0..<count {
          newZ[v] = rotate(oldZ[v], oldX[v], c, s).0 * zb[v]
          newX[v] = xb[v] * o[v]
        }
      case .toControl:
        for v in 0..<count {
          newZ[v] = za[v] * o[v]
          newX[v] = rotate(oldZ[v], oldX[v], c, s).1 * xa[v]
        }
      }
    }
  }

  /// Back through `carry`: the four gradient planes become those of the correlations before the pair; adds to the gradients
  /// of the rotated Bloch pairs (z_a, x_a, z_b, x_b), of uninvolved Bloch pairs and of the angles θ₁, θ₂.
  @inlinable @inline(__always)
  func carryBackward(
    _ step: CorrelationStep, _ rotated: UnsafeMutablePointer<Value>, _ cos: ChannelView<Value>,
    _ sin: ChannelView<Value>, _ count: Int, _ c: Value, _ s: Value,
    _ d: PairGradients, _ dTheta: UnsafeMutablePointer<Value>
  ) {
    let (old, g) = (plane(step.from, cos, sin), gradient(step.gradient))
    let (own, other) = (step.own * capacity, step.other * capacity)
    let (za, xa, zb, xb) = (rotated, rotated + capacity, rotated + 2 * capacity, rotated + 3 * capacity)
    if step.kind == .joined {
      for v in 0..<count {
        let gZX = g[other + v]
        d.zb[v] = d.zb[v] + g[v]
        d.za[v] = multiplyAdd(gZX, xb[v], d.za[v])
        d.xb[v] = multiplyAdd(gZX, za[v], d.xb[v])
        d.xa[v] = d.xa[v] + g[own + other + v]
      }
      return
    }
    let angle = step.usesControl ? 0 : 1
    var sum = dTheta[angle]
    for p in 0..<2 {
      let (oldZ, oldX) = (old + p * other, old + p * other + own)
      let (gZ, gX) = (g + p * other, g + p * other + own)
      let o = plane(p == 0 ? step.bystander.bloch.z : step.bystander.bloch.x, cos, sin)
      let dOther = gradient(p * qubits + step.bystander.qubit)
      if step.kind == .product {
        let (firstZ, firstX) = (plane(step.first.bloch.z, cos, sin), plane(step.first.bloch.x, cos, sin))
        let (dFirstZ, dFirstX) = (gradient(step.first.qubit), gradient(qubits + step.first.qubit))
        for v in 0..<count {
          dFirstZ[v] = multiplyAdd(gZ[v], o[v], dFirstZ[v])
          dFirstX[v] = multiplyAdd(gX[v], o[v], dFirstX[v])
          dOther[v] = multiplyAdd(gZ[v], firstZ[v], multiplyAdd(gX[v], firstX[v], dOther[v]))
        }
        continue
      }
      for v in 0..<count {
        let (rz, rx) = rotate(oldZ[v], oldX[v], c, s)
        var (drz, drx) = (gZ[v], gX[v])
        switch step.kind {
        case .product, .joined: break
        case .control:
          d.xb[v] = multiplyAdd(drx, rx, d.xb[v])
          drx = drx * xb[v]
        case .target:
          d.za[v] = multiplyAdd(drz, rz, d.za[v])
          drz = drz * za[v]
        case .toTarget:
          d.zb[v] = multiplyAdd(drz, rz, d.zb[v])
          drz = drz * zb[v]
          d.xb[v] = multiplyAdd(drx, o[v], d.xb[v])
          dOther[v] = multiplyAdd(drx, xb[v], dOther[v])
          drx = .zero
        case .toControl:
          d.xa[v] = multiplyAdd(drx, rx, d.xa[v])
          drx = drx * xa[v]
          d.za[v] = multiplyAdd(drz, o[v], d.za[v])
          dOther[v] = multiplyAdd(drz, za[v], dOther[v])
          drz = .zero
        }
        sum = sum + multiplyAdd(drx, rz, -(drz * rx))
        (gZ[v], gX[v]) = rotate(drz, drx, c, -s)
      }
    }
    dTheta[angle] = sum
  }

  /// A pair that closes a cycle: x_a ← ⟨X_a X_b⟩ and z_b ← ⟨Z_a Z_b⟩ behind its two rotations.
  @inlinable @inline(__always)
  func close(
    _ m: UnsafeMutablePointer<Value>, into out: UnsafeMutablePointer<Value>, _ count: Int, _ ca: Value, _ sa: Value,
    _ cb: Value, _ sb: Value
  ) {
    for v in 0..<count {
      let n = turned(m + v, ca, sa, cb, sb)
      out[4 * capacity + v] = n.xx
      out[5 * capacity + v] = n.zz
    }
  }

  /// Back through `close`: from the gradients of x_a and z_b behind it to those of the four correlations (overwritten), of
  /// the two angles (added), and of x_a and z_b before, which are zero.
  @inlinable @inline(__always)
  func closeBackward(
    _ m: UnsafeMutablePointer<Value>, _ count: Int, _ ca: Value, _ sa: Value, _ cb: Value, _ sb: Value,
    dXX: UnsafeMutablePointer<Value>, dZZ: UnsafeMutablePointer<Value>, into g: UnsafeMutablePointer<Value>,
    _ dTheta: UnsafeMutablePointer<Value>
  ) {
    let (cc, cs, sc, ss) = (ca * cb, ca * sb, sa * cb, sa * sb)
    var (first, second) = (dTheta[0], dTheta[1])
    for v in 0..<count {
      let n = turned(m + v, ca, sa, cb, sb)
      let (dxx, dzz) = (dXX[v], dZZ[v])
      first = first + multiplyAdd(dxx, n.zx, -(dzz * n.xz))
      second = second + multiplyAdd(dxx, n.xz, -(dzz * n.zx))
      g[v] = multiplyAdd(dzz, cc, dxx * ss)
      g[capacity + v] = multiplyAdd(dxx, sc, -(dzz * cs))
      g[2 * capacity + v] = multiplyAdd(dxx, cs, -(dzz * sc))
      g[3 * capacity + v] = multiplyAdd(dzz, ss, dxx * cc)
      dXX[v] = .zero
      dZZ[v] = .zero
    }
    (dTheta[0], dTheta[1]) = (first, second)
  }

  /// The correlations behind a rotation of the first qubit and one of the second.
  @inlinable @inline(__always)
  func turned(
    _ m: UnsafeMutablePointer<Value>, _ ca: Value, _ sa: Value, _ cb: Value, _ sb: Value
  ) -> (zz: Value, zx: Value, xz: Value, xx: Value) {
    let (zz, xz) = rotate(m[0], m[2 * capacity], ca, sa)
    let (zx, xx) = rotate(m[capacity], m[3 * capacity], ca, sa)
    let z = rotate(zz, zx, cb, sb)
    let x = rotate(xz, xx, cb, sb)
    return (z.0, z.1, x.0, x.1)
  }
}
