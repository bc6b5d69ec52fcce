public import Drawing

/// The angles of circuits after training: a line for each angle, a mark for each seed.
public struct AnglePlot {
  /// The angles of one projection, by seed.
  public struct Projection: Sendable, Equatable {
    /// What it makes: "queries".
    public var name: String
    /// The parameters of each seed, all of one length, in radians.
    public var seeds: [[Float]]

    /// Angles of a projection.
    public init(name: String, seeds: [[Float]]) {
      self.name = name
      self.seeds = seeds
    }
  }

  private let projections: [Projection]
  private let name: String
  /// At most so many angles of a projection.
  private static let lineLimit = 24

  /// The angles of an entry called `name`; nil without any.
  public init?(_ projections: [Projection], name: String) {
    self.projections = projections.filter { $0.seeds.contains { !$0.isEmpty } }
    self.name = name
    if self.projections.isEmpty { return nil }
  }

  /// The picture.
  public var picture: Picture {
    let rows = projections.reduce(0) { $0 + min(count($1), Self.lineLimit) }
    let height = 24 + 13 * Double(projections.count) + 10 * Double(rows) + 22
    var picture = Picture(
      height: height, title: "Angles of \(name)",
      description: "\(projections.map { "\(count($0)) of the \($0.name)" }.joined(separator: ", ")), "
        + "\(projections.first?.seeds.count ?? 0) seeds, each in radians from 0 to 2π.")
    let scale = Scale(0...2 * Double.pi, from: 84, to: 328)
    for (value, label) in [(0, "0"), (0.5, "π/2"), (1, "π"), (1.5, "3π/2"), (2, "2π")] as [(Double, String)] {
      let x = scale(value * .pi)
      picture.line(x, 18, x, height - 18, .grid, width: 0.7)
      picture.text(label, x: x, y: height - 8, size: 8, anchor: .middle, colour: .faint)
    }
    picture.text("angle, radians", x: 4, y: height - 8, size: 8, colour: .faint)
    var y = 20.0
    for projection in projections {
      picture.text(projection.name, x: 4, y: y + 9, size: 8.5, bold: true)
      y += 13
      for index in 0..<min(count(projection), Self.lineLimit) {
        picture.text("pair \(index / 2), θ\(index % 2 + 1)", x: 12, y: y + 8, size: 8, colour: .faint)
        picture.line(scale.start, y + 5, scale.end, y + 5, .grid, width: 0.7)
        for (seed, angles) in projection.seeds.enumerated() where index < angles.count {
          picture.circle(
            scale(wrapped(Double(angles[index]))), y + 5, radius: 2.6, Colour.series[seed % Colour.series.count])
        }
        y += 10
      }
    }
    if projections.contains(where: { count($0) > Self.lineLimit }) {
      picture.text("the first \(Self.lineLimit) of each", x: 332, y: 12, size: 8, anchor: .end, colour: .faint)
    }
    return picture
  }

  private func count(_ projection: Projection) -> Int { projection.seeds.map(\.count).max() ?? 0 }
}
