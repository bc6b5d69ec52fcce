import VectorMath

extension SampleCanvas {
  /// Abdominal CT, coronal: one organ in soft tissue; place, shape and density depend on the class.
  static func organ(label: Int, stream: inout RandomStream) -> SampleCanvas {
    let window = stream.float(around: 0, deviation: 0.045)
    let clouds = NoiseField(5, &stream)
    let bowel = NoiseField(9, &stream)
    let grain = NoiseField(64, &stream)
    let (warpX, warpY) = (NoiseField(6, &stream), NoiseField(6, &stream))
    var canvas = SampleCanvas(grey(0.4 + window))
    canvas.map { point, colour in colour + grey(0.09 * clouds(point) + 0.1 * ramp((bowel(point) - 0.1) / 0.3)) }

    let look = OrganLook.all[label]
    let shift = stream.point(around: Point(0, 0), 0.16)
    let scale = stream.float(around: 1, deviation: 0.1)
    let turn = Double(stream.float(around: 0, deviation: 0.16))
    let level = stream.float(around: look.level, deviation: 0.05) + window
    for part in look.parts {
      let (sin, cos) = Elementary.sinCos(turn)
      let centre = part.centre * scale
      let turned = Point(
        Float(cos) * centre.x - Float(sin) * centre.y, Float(sin) * centre.x + Float(cos) * centre.y)
      let shape = Ellipse(centre: turned + shift, radii: part.radii * scale, angle: part.angle + turn)
      canvas.blend(grey(level + part.level), around: shape.centre, reach: shape.reach + 0.1) { point in
        ramp(shape.depth(at: point + look.ragged * Point(warpX(point), warpY(point))) / 0.16 + 0.2)
      }
    }
    if look.hasVessels {
      for _ in 0..<9 {
        let start = stream.point(around: shift, 0.2)
        canvas.stroke(
          grey(level + 0.3), from: start, towards: stream.point(around: shift, 0.5),
          to: stream.point(around: shift, 0.6), radius: 0.02, opacity: 0.25)
      }
    }
    if stream.uniform() < 0.5 {
      let side: Float = stream.uniform() < 0.5 ? -1 : 1
      for rib in 0..<4 {
        let place = Point(side * 0.92, Float(rib) * 0.5 - 0.75) + shift * 0.5
        canvas.dot(grey(0.9), at: place, radius: 0.09, opacity: 0.9)
      }
    }
    canvas.map { point, colour in colour * (1 + 0.05 * grain(point)) + grey(0.03 * clouds(point)) }
    return canvas
  }
}

/// How an organ looks: ellipses laid over one another.
private struct OrganLook {
  struct Part {
    let centre: Point
    let radii: Point
    let angle: Double
    var level: Float = 0
  }

  let level: Float
  let ragged: Float
  let parts: [Part]
  var hasVessels = false

  /// The same organ on the other side.
  var mirrored: OrganLook {
    OrganLook(
      level: level, ragged: ragged,
      parts: parts.map {
        Part(centre: $0.centre * Point(-1, 1), radii: $0.radii, angle: -$0.angle, level: $0.level)
      }, hasVessels: hasVessels)
  }

  private static let femur = OrganLook(
    level: 0.86, ragged: 0.02,
    parts: [
      Part(centre: Point(-0.14, 0.3), radii: Point(0.17, 0.68), angle: 0.12),
      Part(centre: Point(-0.14, 0.34), radii: Point(0.08, 0.6), angle: 0.12, level: -0.32),
      Part(centre: Point(0.12, -0.3), radii: Point(0.4, 0.15), angle: -0.6),
      Part(centre: Point(0.28, -0.42), radii: Point(0.25, 0.25), angle: 0),
    ])
  private static let kidney = OrganLook(
    level: 0.68, ragged: 0.05,
    parts: [
      Part(centre: Point(-0.08, 0), radii: Point(0.31, 0.52), angle: 0.2),
      Part(centre: Point(0.2, 0.03), radii: Point(0.19, 0.24), angle: 0.2, level: -0.28),
    ])
  private static let lung = OrganLook(
    level: 0.12, ragged: 0.05,
    parts: [
      Part(centre: Point(-0.1, 0.08), radii: Point(0.46, 0.74), angle: 0.14),
      Part(centre: Point(0.42, 0.55), radii: Point(0.4, 0.36), angle: 0.3, level: 0.42),
    ], hasVessels: true)

  /// By label: bladder, femur left and right, heart, kidney left and right, liver, lung left and right, pancreas, spleen.
  static let all = [
    OrganLook(
      level: 0.52, ragged: 0.03,
      parts: [Part(centre: Point(0, 0.12), radii: Point(0.52, 0.4), angle: 0, level: 0.0)]),
    femur,
    femur.mirrored,
    OrganLook(
      level: 0.64, ragged: 0.06,
      parts: [
        Part(centre: Point(-0.75, -0.1), radii: Point(0.4, 0.75), angle: 0.1, level: -0.5),
        Part(centre: Point(0.8, -0.1), radii: Point(0.36, 0.75), angle: -0.1, level: -0.5),
        Part(centre: Point(0.04, 0.05), radii: Point(0.52, 0.48), angle: 0.5),
        Part(centre: Point(0.16, 0.1), radii: Point(0.2, 0.24), angle: 0.5, level: 0.14),
      ]),
    kidney,
    kidney.mirrored,
    OrganLook(
      level: 0.58, ragged: 0.08,
      parts: [
        Part(centre: Point(-0.25, 0), radii: Point(0.6, 0.62), angle: 0.2),
        Part(centre: Point(0.35, -0.25), radii: Point(0.5, 0.3), angle: -0.15),
      ]),
    lung,
    lung.mirrored,
    OrganLook(
      level: 0.56, ragged: 0.14,
      parts: [
        Part(centre: Point(0.15, -0.05), radii: Point(0.62, 0.14), angle: -0.3),
        Part(centre: Point(-0.35, 0.12), radii: Point(0.22, 0.2), angle: 0),
      ]),
    OrganLook(
      level: 0.66, ragged: 0.05,
      parts: [
        Part(centre: Point(0.2, -0.1), radii: Point(0.36, 0.56), angle: 0.35),
        Part(centre: Point(-0.12, 0.06), radii: Point(0.26, 0.42), angle: 0.35, level: -0.26),
      ]),
  ]
}
