import VectorMath

extension SampleCanvas {
  /// Fundus photograph. With the grade (0 to 4) grow the numbers of dark red spots, large blots and yellow exudates.
  static func retina(label: Int, stream: inout RandomStream) -> SampleCanvas {
    let grade = max(0, stream.float(around: Float(label), deviation: 0.45))
    let eye = Ellipse(centre: stream.point(around: Point(0, 0), 0.03), radii: Point(0.94, 0.94))
    let tint = stream.near(rgb(0.76, 0.38, 0.18) - grey(0.02 * grade), 0.035)
    let clouds = NoiseField(5, &stream)
    let grain = NoiseField(70, &stream)
    var canvas = SampleCanvas(rgb(0.02, 0.015, 0.015))
    canvas.blend(tint, around: eye.centre, reach: eye.reach) { ramp(eye.depth(at: $0) / 0.05) }

    let side: Float = stream.uniform() < 0.5 ? -1 : 1
    let disc = eye.centre + Point(side * stream.float(0.42, 0.55), stream.float(-0.1, 0.1))
    for vessel in 0..<7 {
      let up: Float = vessel % 2 == 0 ? -1 : 1
      let end = eye.centre + Point(stream.float(-0.85, 0.85), up * stream.float(0.25, 0.8))
      let control = disc + Point(-side * stream.float(-0.1, 0.4), up * stream.float(0.4, 0.9))
      canvas.stroke(
        tint * 0.55, from: disc, towards: control, to: end, radius: stream.float(0.018, 0.04), opacity: 0.4)
    }
    canvas.dot(rgb(0.98, 0.86, 0.55), at: disc, radius: stream.float(0.15, 0.2), opacity: 0.95)
    canvas.dot(tint * 0.6, at: eye.centre - Point(side * 0.15, 0), radius: 0.24, opacity: 0.55)

    func somewhere(_ stream: inout RandomStream) -> Point {
      stream.point(at: 0.78 * stream.float(0.02, 1).squareRoot(), from: eye.centre)
    }
    for _ in 0..<Int(9 * grade) {
      canvas.dot(rgb(0.42, 0.07, 0.05), at: somewhere(&stream), radius: stream.float(0.015, 0.045), opacity: 0.85)
    }
    for _ in 0..<Int(4 * max(0, grade - 0.8)) {
      let blot = Ellipse(
        centre: somewhere(&stream), radii: Point(stream.float(0.07, 0.16), stream.float(0.05, 0.1)),
        angle: stream.angle())
      canvas.fill(blot, rgb(0.34, 0.05, 0.04), softness: 0.5, opacity: 0.85)
    }
    for _ in 0..<Int(5 * max(0, grade - 1.2)) {
      let centre = somewhere(&stream)
      for _ in 0..<4 {
        canvas.dot(
          rgb(0.97, 0.84, 0.42), at: stream.point(around: centre, 0.08), radius: stream.float(0.02, 0.05), opacity: 0.85
        )
      }
    }
    let light = stream.point(around: Point(0, 0), 0.5)
    canvas.map { point, colour in
      let offset = point - light
      return colour * (1.12 - 0.22 * (offset * offset).sum() + 0.08 * clouds(point) + 0.05 * grain(point))
    }
    return canvas
  }
}
