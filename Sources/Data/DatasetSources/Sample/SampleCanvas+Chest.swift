import VectorMath

extension SampleCanvas {
  /// Chest radiograph. Pneumonia (1) clouds the dark lungs with hazy patches.
  static func chest(label: Int, stream: inout RandomStream) -> SampleCanvas {
    let exposure = stream.float(around: 0, deviation: 0.05)
    let lean = stream.float(-0.1, 0.1)
    let clouds = NoiseField(4, &stream)
    let patches = NoiseField(7, &stream)
    let grain = NoiseField(60, &stream)
    let height = stream.float(0.62, 0.76)
    let width = stream.float(0.3, 0.36)
    let middle = Point(stream.float(-0.06, 0.06), stream.float(-0.1, 0.02))
    let right = Ellipse(
      centre: middle - Point(0.42, 0), radii: Point(width, height), angle: Double(0.1 + lean))
    let left = Ellipse(
      centre: middle + Point(0.44, 0), radii: Point(width * 0.92, height), angle: Double(lean - 0.12))

    var canvas = SampleCanvas(grey(0.08))
    let torso = Ellipse(centre: Point(middle.x, 0.35), radii: Point(1.02, 1.35))
    canvas.map { point, colour in
      colour + grey((0.56 + exposure + 0.1 * point.y) * ramp(torso.depth(at: point) / 0.2))
    }
    canvas.fill(right, grey(0.17 + exposure), softness: 0.3)
    canvas.fill(left, grey(0.19 + exposure), softness: 0.3)

    let spacing = stream.float(11, 14)
    let phase = stream.float(0, 1)
    canvas.map { point, colour in
      let offset = point.x - middle.x
      let rib = (point.y + 0.45 * offset * offset + 3) * spacing / 2 + phase
      let position = abs(2 * (rib - rib.rounded(.down)) - 1)
      return colour + grey(0.09 * ramp((position - 0.55) / 0.3) * ramp((abs(offset) - 0.1) / 0.15))
    }
    let heart = Ellipse(
      centre: middle + Point(0.14, 0.36), radii: Point(stream.float(0.27, 0.35), 0.33), angle: 0.5)
    canvas.fill(heart, grey(0.68 + exposure), softness: 0.35, opacity: 0.9)
    canvas.fill(
      Ellipse(centre: middle - Point(0, 0.2), radii: Point(0.13, 0.9)), grey(0.7 + exposure), softness: 0.6,
      opacity: 0.8)

    let severity = max(0, stream.float(around: label == 1 ? 0.36 : 0.06, deviation: 0.09))
    let centres = (0..<3).map { _ in
      let lung = stream.uniform() < 0.5 ? right : left
      return lung.centre + Point(stream.float(-0.2, 0.2), stream.float(-0.3, 0.55))
    }
    let reach = stream.float(0.28, 0.45)
    canvas.map { point, colour in
      var haze: Float = 0
      for centre in centres {
        let offset = (point - centre) / reach
        haze = max(haze, ramp(1.2 - (offset * offset).sum()))
      }
      haze *= severity * (1 + 0.8 * patches(point))
      return colour + (grey(0.78) - colour) * max(0, min(1, haze))
    }
    canvas.map { point, colour in colour + grey(0.05 * clouds(point) + 0.025 * grain(point)) }
    return canvas
  }
}
