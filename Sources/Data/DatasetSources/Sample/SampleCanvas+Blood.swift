import VectorMath

extension SampleCanvas {
  /// Blood smear: one stained cell among pale red ones; nucleus, cytoplasm and granules depend on the class.
  static func blood(label: Int, stream: inout RandomStream) -> SampleCanvas {
    let background = stream.near(rgb(0.93, 0.86, 0.82), 0.03)
    let clouds = NoiseField(4, &stream)
    let grain = NoiseField(56, &stream)
    let texture = NoiseField(20, &stream)
    var canvas = SampleCanvas(background)

    let look = BloodLook.all[label]
    let middle = stream.point(around: Point(0, 0), 0.12)
    for _ in 0..<9 {
      let centre = stream.point(at: stream.float(0.72, 1.15), from: middle)
      let red = stream.near(rgb(0.89, 0.68, 0.66), 0.025)
      let radius = stream.float(0.24, 0.32)
      canvas.fill(Ellipse(centre: centre, radii: Point(radius, radius)), red, softness: 0.15, opacity: 0.9)
      canvas.dot(background, at: centre, radius: radius * 0.6, opacity: 0.55)
    }

    let size = stream.float(around: look.size, deviation: 0.05)
    let cell = Ellipse(
      centre: middle, radii: Point(size, size * stream.float(0.88, 1)), angle: stream.angle())
    canvas.fill(cell, stream.near(look.cytoplasm, 0.03), softness: 0.14, opacity: 0.95)
    let stain = stream.near(look.nucleus, 0.045)

    let turn = stream.angle()
    for lobe in 0..<look.lobes {
      let step = look.spread * Double(lobe) - look.spread * Double(look.lobes - 1) / 2
      let centre = middle + direction(turn + step) * (look.offset * size)
      let radius = size * look.lobeSize * stream.float(0.88, 1.12)
      let shape = Ellipse(centre: centre, radii: Point(radius, radius * stream.float(0.8, 1)), angle: stream.angle())
      canvas.blend(stain, around: centre, reach: shape.reach + 0.05) { point in
        0.95 * ramp(shape.depth(at: point + 0.02 * Point(texture(point), clouds(point))) / 0.22)
      }
    }
    for _ in 0..<look.granules {
      let centre = stream.point(at: size * 0.9 * Float(stream.uniform()).squareRoot(), from: middle)
      canvas.dot(stream.near(look.granule, 0.05), at: centre, radius: stream.float(0.025, 0.05), opacity: 0.8)
    }
    let light = stream.float(-0.04, 0.04)
    canvas.map { point, colour in
      colour * (1 + 0.03 * clouds(point) + 0.025 * grain(point) + 0.03 * texture(point) + light * point.y)
    }
    return canvas
  }
}

/// How the cells of a class look. Lengths are in cell radii, angles in radians.
private struct BloodLook {
  let size: Float
  let cytoplasm: Colour
  let nucleus: Colour
  let lobes: Int
  let lobeSize: Float
  let offset: Float
  let spread: Double
  let granules: Int
  let granule: Colour

  /// By label: basophil, eosinophil, erythroblast, immature granulocytes, lymphocyte, monocyte, neutrophil, platelet.
  static let all = [
    BloodLook(
      size: 0.56, cytoplasm: rgb(0.76, 0.62, 0.78), nucleus: rgb(0.48, 0.3, 0.62), lobes: 2, lobeSize: 0.5, offset: 0.3,
      spread: 2.4, granules: 50, granule: rgb(0.28, 0.14, 0.44)),
    BloodLook(
      size: 0.57, cytoplasm: rgb(0.9, 0.68, 0.64), nucleus: rgb(0.46, 0.28, 0.58), lobes: 2, lobeSize: 0.42,
      offset: 0.42,
      spread: 2.2, granules: 50, granule: rgb(0.87, 0.48, 0.4)),
    BloodLook(
      size: 0.42, cytoplasm: rgb(0.72, 0.66, 0.78), nucleus: rgb(0.3, 0.18, 0.44), lobes: 1, lobeSize: 0.66,
      offset: 0.06,
      spread: 0, granules: 0, granule: rgb(0, 0, 0)),
    BloodLook(
      size: 0.66, cytoplasm: rgb(0.78, 0.66, 0.8), nucleus: rgb(0.52, 0.34, 0.64), lobes: 3, lobeSize: 0.46,
      offset: 0.3,
      spread: 0.7, granules: 22, granule: rgb(0.6, 0.36, 0.64)),
    BloodLook(
      size: 0.45, cytoplasm: rgb(0.7, 0.72, 0.87), nucleus: rgb(0.4, 0.24, 0.56), lobes: 1, lobeSize: 0.84,
      offset: 0.05,
      spread: 0, granules: 0, granule: rgb(0, 0, 0)),
    BloodLook(
      size: 0.68, cytoplasm: rgb(0.73, 0.71, 0.81), nucleus: rgb(0.5, 0.34, 0.62), lobes: 4, lobeSize: 0.34,
      offset: 0.42,
      spread: 0.6, granules: 4, granule: rgb(0.86, 0.84, 0.92)),
    BloodLook(
      size: 0.56, cytoplasm: rgb(0.89, 0.76, 0.78), nucleus: rgb(0.42, 0.24, 0.54), lobes: 4, lobeSize: 0.27,
      offset: 0.46,
      spread: 1.15, granules: 8, granule: rgb(0.8, 0.62, 0.7)),
    BloodLook(
      size: 0.2, cytoplasm: rgb(0.76, 0.64, 0.78), nucleus: rgb(0.58, 0.4, 0.66), lobes: 1, lobeSize: 0.6, offset: 0.1,
      spread: 0, granules: 6, granule: rgb(0.5, 0.3, 0.6)),
  ]
}
