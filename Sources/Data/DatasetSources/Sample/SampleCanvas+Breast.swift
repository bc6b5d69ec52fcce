import VectorMath

extension SampleCanvas {
  /// Breast ultrasound. Malignant (0): a dark, ragged, rather tall lesion over a shadow. Normal or benign (1): a smooth, wide
  /// lesion over brighter tissue, or none.
  static func breast(label: Int, stream: inout RandomStream) -> SampleCanvas {
    let malignant = label == 0
    let gain = stream.float(around: 0.42, deviation: 0.06)
    let layers = NoiseField(columns: 3, rows: 14, &stream)
    let clouds = NoiseField(6, &stream)
    let speckle = NoiseField(columns: 44, rows: 64, &stream)
    let skin = stream.float(-0.92, -0.8)
    let bend = stream.float(-0.12, 0.12)
    var canvas = SampleCanvas(grey(0))
    canvas.map { point, _ in
      let depth = point.y + bend * point.x * point.x
      let tissue = gain + 0.16 * layers(Point(point.x, depth)) + 0.1 * clouds(point) - 0.12 * (point.y + 0.2)
      return grey(depth < skin ? gain + 0.35 : tissue)
    }

    if malignant || stream.uniform() < 0.75 {
      let size = stream.float(around: malignant ? 0.36 : 0.31, deviation: 0.07)
      let tallness = stream.float(around: malignant ? 1.0 : 0.68, deviation: 0.14)
      let lesion = Ellipse(
        centre: stream.point(around: Point(0, -0.08), 0.28), radii: Point(size, size * tallness),
        angle: Double(stream.float(-0.35, 0.35)))
      let ragged = stream.float(around: malignant ? 0.15 : 0.05, deviation: 0.035)
      let (warpX, warpY) = (NoiseField(11, &stream), NoiseField(11, &stream))
      let below = stream.float(around: malignant ? -0.14 : 0.1, deviation: 0.07)
      canvas.map { point, colour in
        let away = (point.x - lesion.centre.x) / (0.8 * lesion.radii.x)
        let column = ramp(1.4 - 1.4 * abs(away)) * ramp((point.y - lesion.centre.y) / 0.25)
        return colour + grey(below * column)
      }
      let darkness = gain - stream.float(around: malignant ? 0.34 : 0.27, deviation: 0.06)
      canvas.blend(grey(darkness), around: lesion.centre, reach: lesion.reach + 0.2) { point in
        let warped = point + ragged * Point(warpX(point), warpY(point))
        return 0.92 * ramp(lesion.depth(at: warped) / 0.22 + 0.4)
      }
    }
    canvas.map { point, colour in colour * (1 + 0.32 * speckle(point)) }
    return canvas
  }
}
