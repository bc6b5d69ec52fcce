public import Drawing

/// The stages from images to the report, with how many of their artifacts are there.
public struct StageGraph: Sendable, Equatable {
  /// Artifacts of a stage.
  public struct Count: Sendable, Equatable {
    /// How many are there.
    public var found: Int
    /// How many the tables need.
    public var wanted: Int

    /// Nothing yet.
    public static let none = Count(found: 0, wanted: 0)

    /// A count.
    public init(found: Int, wanted: Int) {
      self.found = found
      self.wanted = wanted
    }

    var text: String { "\(found) of \(wanted)" }
    var isComplete: Bool { found >= wanted }
  }

  /// The counts.
  public var datasets = Count.none
  /// Teachers.
  public var teachers = Count.none
  /// Students that were distilled and not yet trained on labels.
  public var distilled = Count.none
  /// Students trained on labels.
  public var students = Count.none
  /// Evaluations.
  public var evaluations = Count.none
  /// Tables that have an entry at least.
  public var tables = Count.none

  /// Nothing yet.
  public init() {}

  private struct Station {
    let name, tool: String
    let count: Count?
    let x, y: Double
  }

  private static let (width, height) = (98.0, 40.0)

  private var stations: [Station] {
    [
      Station(name: "images", tool: "files, or a generator", count: nil, x: 0, y: 0),
      Station(name: "datasets", tool: "prepare-data", count: datasets, x: 1, y: 0),
      Station(name: "teachers", tool: "finetune-teacher", count: teachers, x: 2, y: 0),
      Station(name: "distilled students", tool: "distill", count: distilled, x: 2, y: 1),
      Station(name: "students", tool: "train", count: students, x: 1, y: 1),
      Station(name: "evaluations", tool: "evaluate", count: evaluations, x: 1, y: 2),
      Station(name: "tables", tool: "report", count: tables, x: 0, y: 2),
    ]
  }

  /// From which station to which, by their places above; each is beside or below the other.
  private static let arrows = [(0, 1), (1, 2), (2, 3), (3, 4), (1, 4), (4, 5), (5, 6)]
  private static let (teachersPlace, evaluationsPlace) = (2, 5)

  /// The picture.
  public var picture: Picture {
    let stations = stations
    var picture = Picture(
      height: 186, title: "The graph of stages",
      description: stations.map { station in
        "\(station.name), made by \(station.tool)" + (station.count.map { ": \($0.text)" } ?? "")
      }.joined(separator: "; ") + ".")
    for (from, to) in Self.arrows {
      let (a, b) = (stations[from], stations[to])
      let (dx, dy) = (sign(b.x - a.x), sign(b.y - a.y))
      let reach = (x: Self.width / 2, y: Self.height / 2)
      arrow(
        [
          (centre(a).x + dx * reach.x, centre(a).y + dy * reach.y),
          (centre(b).x - dx * reach.x, centre(b).y - dy * reach.y),
        ], on: &picture)
    }
    // Teachers are evaluated too: around the distilled students.
    let (teachers, evaluations) = (centre(stations[Self.teachersPlace]), centre(stations[Self.evaluationsPlace]))
    let edge = Picture.standardWidth - 6
    arrow(
      [
        (teachers.x + Self.width / 2, teachers.y), (edge, teachers.y), (edge, evaluations.y),
        (evaluations.x + Self.width / 2, evaluations.y),
      ], on: &picture)
    for station in stations { draw(station, on: &picture) }
    return picture
  }

  private func centre(_ station: Station) -> (x: Double, y: Double) { (52 + 114 * station.x, 26 + 66 * station.y) }

  private func draw(_ station: Station, on picture: inout Picture) {
    let (x, y) = centre(station)
    let isComplete = station.count?.isComplete ?? true
    picture.rectangle(
      x: x - Self.width / 2, y: y - Self.height / 2, width: Self.width, height: Self.height, fill: .ground,
      stroke: isComplete ? .blue : .vermillion, radius: 4)
    picture.text(station.name, x: x, y: y - 7, size: 9, anchor: .middle, bold: true)
    picture.text(station.tool, x: x, y: y + 4, size: 8, anchor: .middle, colour: .faint)
    if let count = station.count {
      picture.text(
        count.text + (isComplete ? "" : ": incomplete"), x: x, y: y + 15, size: 8, anchor: .middle,
        colour: isComplete ? .ink : .vermillion)
    }
  }

  private func sign(_ value: Double) -> Double { value > 0 ? 1 : value < 0 ? -1 : 0 }

  private func arrow(_ path: [(x: Double, y: Double)], on picture: inout Picture) {
    picture.polyline(path, .faint, width: 1.2)
    guard let end = path.last, let before = path.dropLast().last else { return }
    let (dx, dy) = (sign(end.x - before.x), sign(end.y - before.y))
    picture.polyline(
      [
        (end.x - 5 * dx - 3 * dy, end.y - 5 * dy - 3 * dx), end, (end.x - 5 * dx + 3 * dy, end.y - 5 * dy + 3 * dx),
      ], .faint, width: 1.2)
  }
}
