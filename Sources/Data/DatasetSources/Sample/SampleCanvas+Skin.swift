import VectorMath

extension SampleCanvas {
  /// Dermatoscopy: a lesion on skin, whose colour, size, edge and texture depend on the class.
  static func skin(label: Int, stream: inout RandomStream) -> SampleCanvas {
    let tone = stream.near(rgb(0.86, 0.67, 0.58), 0.045)
    let clouds = NoiseField(4, &stream)
    let grain = NoiseField(60, &stream)
    let spots = NoiseField(24, &stream)
    let (warpX, warpY) = (NoiseField(7, &stream), NoiseField(7, &stream))
    var canvas = SampleCanvas(tone)

    let look = SkinLook.all[label]
    let size = max(0.16, stream.float(around: look.size, deviation: 0.08))
    let lesion = Ellipse(
      centre: stream.point(around: Point(0, 0), 0.16), radii: Point(size, size * stream.float(0.72, 1)),
      angle: stream.angle())
    let colour = stream.near(look.colour, 0.055)
    let second = stream.near(look.second, 0.055)
    let ragged = stream.float(around: look.ragged, deviation: 0.03)
    func depth(_ point: Point) -> Float {
      lesion.depth(at: point + ragged * Point(warpX(point), warpY(point)))
    }
    canvas.blend(colour, around: lesion.centre, reach: lesion.reach + 0.25) { point in
      look.opacity * ramp(depth(point) / look.softness + 0.3) * (1 + look.mottle * min(0, spots(point)))
    }
    canvas.blend(second, around: lesion.centre, reach: lesion.reach + 0.25) { point in
      let inside = depth(point)
      return switch look.pattern {
      case .centre: 0.85 * ramp((inside - 0.45) / 0.25)
      case .patches: ramp(inside / 0.2) * ramp((warpX(point * 0.8) + 0.6 * spots(point)) / 0.35)
      case .specks: ramp(inside / 0.2) * ramp((spots(point) - 0.2) / 0.3)
      }
    }
    if label == 1 {
      for _ in 0..<4 {
        let start = stream.point(around: lesion.centre, size)
        canvas.stroke(
          rgb(0.72, 0.2, 0.22), from: start, towards: stream.point(around: lesion.centre, size),
          to: stream.point(around: lesion.centre, size * 0.6), radius: 0.02, opacity: 0.3)
      }
    }
    for _ in 0..<stream.index(below: 5) {
      let start = stream.point(around: Point(0, 0), 1.1)
      canvas.stroke(
        rgb(0.2, 0.14, 0.12), from: start, towards: stream.point(around: start, 0.5),
        to: stream.point(around: start, 0.9), radius: 0.014, opacity: 0.35)
    }
    let light = stream.float(-0.06, 0.06)
    canvas.map { point, colour in
      colour * (1 + 0.05 * clouds(point) + 0.035 * grain(point) + light * point.x - 0.07 * (point * point).sum())
    }
    return canvas
  }
}

/// How the lesions of a class look.
private struct SkinLook {
  enum Pattern { case centre, patches, specks }

  let colour: Colour
  let second: Colour
  let size: Float
  let ragged: Float
  let softness: Float
  let opacity: Float
  let mottle: Float
  let pattern: Pattern

  /// By label: actinic keratoses, basal cell carcinoma, benign keratosis, dermatofibroma, melanoma, nevus, vascular.
  static let all = [
    SkinLook(
      colour: rgb(0.78, 0.42, 0.38), second: rgb(0.93, 0.8, 0.68), size: 0.52, ragged: 0.16, softness: 0.5,
      opacity: 0.8,
      mottle: 0.5, pattern: .specks),
    SkinLook(
      colour: rgb(0.85, 0.55, 0.52), second: rgb(0.96, 0.78, 0.74), size: 0.4, ragged: 0.07, softness: 0.35,
      opacity: 0.85,
      mottle: 0.1, pattern: .centre),
    SkinLook(
      colour: rgb(0.64, 0.46, 0.32), second: rgb(0.42, 0.29, 0.2), size: 0.5, ragged: 0.09, softness: 0.12,
      opacity: 0.9,
      mottle: 0.35, pattern: .specks),
    SkinLook(
      colour: rgb(0.67, 0.45, 0.38), second: rgb(0.9, 0.78, 0.72), size: 0.36, ragged: 0.05, softness: 0.6,
      opacity: 0.85,
      mottle: 0.1, pattern: .centre),
    SkinLook(
      colour: rgb(0.3, 0.2, 0.18), second: rgb(0.16, 0.14, 0.22), size: 0.58, ragged: 0.22, softness: 0.2,
      opacity: 0.95,
      mottle: 0.25, pattern: .patches),
    SkinLook(
      colour: rgb(0.5, 0.32, 0.23), second: rgb(0.38, 0.23, 0.16), size: 0.42, ragged: 0.05, softness: 0.3,
      opacity: 0.9,
      mottle: 0.1, pattern: .centre),
    SkinLook(
      colour: rgb(0.66, 0.14, 0.2), second: rgb(0.4, 0.07, 0.24), size: 0.38, ragged: 0.09, softness: 0.2,
      opacity: 0.92,
      mottle: 0.1, pattern: .patches),
  ]
}
