import VectorMath

extension SampleCanvas {
  /// Colon histology, stained pink and purple: one texture for each class.
  static func tissue(label: Int, stream: inout RandomStream) -> SampleCanvas {
    let stain = stream.float(around: 0, deviation: 0.05)
    let look = TissueLook.all[label]
    let clouds = NoiseField(5, &stream)
    let grain = NoiseField(60, &stream)
    let mottle = NoiseField(22, &stream)
    var canvas = SampleCanvas(stream.near(look.ground, 0.05))

    let flow = direction(stream.angle())
    let across = Point(-flow.y, flow.x)
    let waves = NoiseField(columns: 3, rows: 34, &stream)
    canvas.map { point, colour in
      let along = Point((point * flow).sum() / 1.5, ((point * across).sum() + 0.12 * clouds(point)) / 1.5)
      return colour + (look.fibre - colour) * (look.fibreAmount * ramp(waves(along) + 0.4))
        + grey(look.mottle * mottle(point))
    }
    switch label {
    case 0: canvas.cells(stream: &stream)
    case 6: canvas.glands(stream: &stream)
    default: break
    }
    let nuclei = Int(Float(look.nuclei) * stream.float(0.75, 1.25))
    for _ in 0..<nuclei {
      let radius = look.nucleusSize * stream.float(0.75, 1.3)
      let angle = look.aligned ? 0 : stream.angle()
      let turned = look.aligned ? flow : direction(angle)
      let centre = stream.point(around: Point(0, 0), 1)
      let colour = stream.near(look.nucleus, 0.05)
      let stretch = look.stretch
      canvas.blend(colour, around: centre, reach: radius * stretch) { point in
        let offset = point - centre
        let first = (offset * turned).sum() / (radius * stretch)
        let second = (offset * Point(-turned.y, turned.x)).sum() / radius
        return 0.9 * ramp(2.2 * (1 - first * first - second * second))
      }
    }
    let tint = rgb(stain, -0.5 * stain, 0.3 * stain)
    canvas.map { point, colour in
      colour * (1 + 0.05 * clouds(point) + 0.03 * grain(point)) + tint
    }
    return canvas
  }

  /// Fat: pale cells with thin walls (a Voronoi diagram).
  private mutating func cells(stream: inout RandomStream) {
    let seeds = (0..<26).map { _ in stream.point(around: Point(0, 0), 1.2) }
    let wall = stream.near(rgb(0.78, 0.5, 0.66), 0.04)
    map { point, colour in
      var (nearest, next) = (Float(9), Float(9))
      for seed in seeds {
        let offset = point - seed
        let distance = (offset * offset).sum()
        if distance < nearest { (nearest, next) = (distance, nearest) } else if distance < next { next = distance }
      }
      let edge = next.squareRoot() - nearest.squareRoot()
      return colour + (wall - colour) * (0.85 * ramp((0.07 - edge) / 0.05))
    }
  }

  /// Normal mucosa: round glands, a pale middle in a ring of nuclei.
  private mutating func glands(stream: inout RandomStream) {
    let start = stream.point(around: Point(-0.75, -0.75), 0.2)
    for row in 0..<4 {
      for column in 0..<4 {
        let place = start + Point(Float(column), Float(row)) * 0.58 + Point(row % 2 == 0 ? 0 : 0.25, 0)
        let centre = stream.point(around: place, 0.07)
        let radius = stream.float(0.19, 0.25)
        dot(rgb(0.9, 0.8, 0.88), at: centre, radius: radius * 1.05, opacity: 0.85)
        let turn = stream.angle()
        for nucleus in 0..<14 {
          let there = centre + direction(turn + Double(nucleus) * 0.4488) * radius
          dot(stream.near(rgb(0.4, 0.24, 0.52), 0.04), at: there, radius: 0.05, opacity: 0.85)
        }
      }
    }
  }
}

/// How a tissue looks.
private struct TissueLook {
  let ground: Colour
  let fibre: Colour
  let fibreAmount: Float
  let mottle: Float
  let nuclei: Int
  let nucleus: Colour
  let nucleusSize: Float
  let stretch: Float
  var aligned = false

  /// By label: adipose, background, debris, lymphocytes, mucus, smooth muscle, normal mucosa, stroma, adenocarcinoma.
  static let all = [
    TissueLook(
      ground: rgb(0.93, 0.88, 0.91), fibre: rgb(0.9, 0.84, 0.88), fibreAmount: 0.3, mottle: 0.01, nuclei: 6,
      nucleus: rgb(0.5, 0.34, 0.58), nucleusSize: 0.03, stretch: 1.6),
    TissueLook(
      ground: rgb(0.93, 0.91, 0.93), fibre: rgb(0.9, 0.88, 0.9), fibreAmount: 0.2, mottle: 0.008, nuclei: 1,
      nucleus: rgb(0.7, 0.6, 0.72), nucleusSize: 0.03, stretch: 1),
    TissueLook(
      ground: rgb(0.76, 0.52, 0.66), fibre: rgb(0.62, 0.4, 0.58), fibreAmount: 0.25, mottle: 0.13, nuclei: 40,
      nucleus: rgb(0.48, 0.3, 0.5), nucleusSize: 0.028, stretch: 1.2),
    TissueLook(
      ground: rgb(0.76, 0.6, 0.76), fibre: rgb(0.7, 0.52, 0.7), fibreAmount: 0.2, mottle: 0.04, nuclei: 230,
      nucleus: rgb(0.34, 0.22, 0.5), nucleusSize: 0.048, stretch: 1),
    TissueLook(
      ground: rgb(0.86, 0.76, 0.86), fibre: rgb(0.74, 0.64, 0.82), fibreAmount: 0.6, mottle: 0.03, nuclei: 8,
      nucleus: rgb(0.5, 0.38, 0.62), nucleusSize: 0.03, stretch: 1.3),
    TissueLook(
      ground: rgb(0.84, 0.52, 0.66), fibre: rgb(0.72, 0.36, 0.56), fibreAmount: 0.8, mottle: 0.03, nuclei: 34,
      nucleus: rgb(0.42, 0.24, 0.5), nucleusSize: 0.026, stretch: 3.2, aligned: true),
    TissueLook(
      ground: rgb(0.8, 0.58, 0.72), fibre: rgb(0.74, 0.5, 0.66), fibreAmount: 0.4, mottle: 0.04, nuclei: 40,
      nucleus: rgb(0.42, 0.26, 0.54), nucleusSize: 0.035, stretch: 1.3),
    TissueLook(
      ground: rgb(0.87, 0.66, 0.76), fibre: rgb(0.74, 0.46, 0.63), fibreAmount: 0.75, mottle: 0.05, nuclei: 60,
      nucleus: rgb(0.44, 0.28, 0.54), nucleusSize: 0.03, stretch: 2.4, aligned: true),
    TissueLook(
      ground: rgb(0.7, 0.47, 0.66), fibre: rgb(0.6, 0.38, 0.6), fibreAmount: 0.3, mottle: 0.06, nuclei: 110,
      nucleus: rgb(0.36, 0.2, 0.48), nucleusSize: 0.075, stretch: 1.4),
  ]
}
