import VectorMath

extension SampleCanvas {
  /// Axial MR image of the head. With the stage of dementia (0 to 3) the ventricles widen and the cortex shrinks from the
  /// skull.
  static func brain(label: Int, stream: inout RandomStream) -> SampleCanvas {
    let stage = stream.float(around: Float(label), deviation: 0.45)
    let middle = stream.point(around: Point(0, 0), 0.05)
    let turn = Double(stream.float(around: 0, deviation: 0.08))
    let size = stream.float(around: 0.84, deviation: 0.03)
    let gain = stream.float(around: 1, deviation: 0.07)
    let folds = NoiseField(15, &stream)
    let matter = NoiseField(8, &stream)
    let grain = NoiseField(60, &stream)
    let (warpX, warpY) = (NoiseField(5, &stream), NoiseField(5, &stream))
    var canvas = SampleCanvas(grey(0.02))

    let head = Ellipse(centre: middle, radii: Point(size * 0.86, size * 1.08), angle: turn)
    let shrink = stream.float(around: 0.11 + 0.02 * stage, deviation: 0.012)
    let sulci = stream.float(around: 0.16 + 0.09 * stage, deviation: 0.05)
    canvas.map { point, colour in
      let depth = head.depth(at: point)
      guard depth > -0.02 else { return colour }
      if depth < 0.035 { return grey(0.72 * ramp((depth + 0.02) / 0.03)) }
      if depth < 0.07 { return grey(0.1) }
      // The cortex: grey at the surface, cut by dark sulci; white matter inside.
      let warped = depth + 0.05 * matter(point)
      let cortex = ramp((warped - shrink) / 0.03)
      let white = ramp((warped - shrink - 0.13 - 0.1 * folds(point)) / 0.06)
      let fold = sulci * ramp((0.16 - abs(folds(point) + 0.1 * warpX(point))) / 0.12) * ramp((0.34 - depth) / 0.14)
      return grey(0.1 + cortex * (0.36 + 0.24 * white) * max(0, 1 - 1.8 * fold))
    }
    let gap = Ellipse(centre: middle, radii: Point(0.014, size * 0.95), angle: turn)
    canvas.fill(gap, grey(0.15), softness: 0.6, opacity: 0.8)

    let width = max(0.05, stream.float(around: 0.085 + 0.032 * stage, deviation: 0.013))
    let length = stream.float(around: 0.3 + 0.022 * stage, deviation: 0.025)
    let (sin, cos) = Elementary.sinCos(turn)
    for (side, end) in [(-1, -1), (1, -1), (-1, 1), (1, 1)] as [(Float, Float)] {
      let place = Point(side * (0.05 + width), end * 0.2)
      let centre =
        middle
        + Point(
          Float(cos) * place.x - Float(sin) * place.y, Float(sin) * place.x + Float(cos) * place.y)
      let horn = Ellipse(
        centre: centre, radii: Point(width, length * stream.float(0.9, 1.1)), angle: turn - Double(0.32 * side * end))
      canvas.blend(grey(0.09), around: centre, reach: horn.reach) { point in
        ramp(horn.depth(at: point + 0.035 * Point(warpX(point), warpY(point))) / 0.25)
      }
    }
    canvas.map { point, colour in colour * (gain * (1 + 0.06 * grain(point) + 0.07 * warpY(point))) }
    return canvas
  }
}
