package import VectorMath

extension Reference {
  /// A 3×3 convolution with padding 1 over one channels-last image by its definition: dense (weight [O, I, 3, 3]) or
  /// depthwise (O = I, weight [O, 1, 3, 3]).
  package struct Convolution {
    /// Rows, columns and channels of x; channels of y; the stride.
    package var height, width, inputs, outputs, step: Int
    /// Whether output channel o sees input channel o only.
    package var depthwise: Bool

    /// A convolution from [height, width, inputs] to [height/step, width/step, outputs].
    package init(height: Int, width: Int, inputs: Int, outputs: Int, step: Int, depthwise: Bool) {
      self.height = height
      self.width = width
      self.inputs = inputs
      self.outputs = outputs
      self.step = step
      self.depthwise = depthwise
    }

    /// y [H/s, W/s, O].
    package func forward<Number: Scalar>(_ x: [Number], weight: [Number]) -> [Number] {
      var y = [Number](repeating: 0, count: height / step * (width / step) * outputs)
      forEachProduct { y[$0] += x[$1] * weight[$2] }
      return y
    }

    /// dx and dw.
    package func backward<Number: Scalar>(
      dy: [Number], _ x: [Number], weight: [Number]
    ) -> (dx: [Number], dWeight: [Number]) {
      var dx = [Number](repeating: 0, count: x.count)
      var dWeight = [Number](repeating: 0, count: weight.count)
      forEachProduct {
        dx[$1] += dy[$0] * weight[$2]
        dWeight[$2] += dy[$0] * x[$1]
      }
      return (dx, dWeight)
    }

    /// Calls `body` with the indices in y, x and w of every product in the definition.
    private func forEachProduct(_ body: (_ y: Int, _ x: Int, _ weight: Int) -> Void) {
      let columns = width / step
      let perOutput = depthwise ? 1 : inputs
      for i in 0..<height / step {
        for j in 0..<columns {
          for o in 0..<outputs {
            for tap in 0..<9 {
              let a = step * i + tap / 3 - 1
              let b = step * j + tap % 3 - 1
              guard 0..<height ~= a, 0..<width ~= b else { continue }
              for c in 0..<perOutput {
                let channel = depthwise ? o : c
                body(
                  (i * columns + j) * outputs + o, (a * width + b) * inputs + channel, (o * perOutput + c) * 9 + tap)
              }
            }
          }
        }
      }
    }
  }
}
