import Artifacts
import Files
public import JSON
import VectorMath

/// The readings of the paper as a grid: choices where it is silent, each with its values, and which points of the grid are
/// trained. `pipeline/multiverse.json`:
///
///     {
///       "title": "Readings of the paper",
///       "axes": [{ "name": "layout", "setting": "model.circuit.layout", "values": ["chain", "ring"] }, …],
///       "points": 32,
///       "seed": 1
///     }
///
/// The first value of each axis is that of the settings that the grid begins with, the base. The points are, as far as the budget
/// `points` goes: the base; every other value by itself; then points drawn at random, each value of an axis as probable as
/// any other, under `seed`. What is no student (a ring of one head's two qubits per head …) or is there already is
/// drawn again.
public struct MultiverseDeclaration: Sendable, Equatable {
  /// A choice.
  public struct Axis: Sendable, Equatable {
    /// What tables call it.
    public var name: String
    /// The key of the settings, with dots.
    public var setting: String
    /// Its values, the base's first.
    public var values: [JSONValue]

    /// The text of a value: `chain`, `0.1`.
    public func text(_ level: Int) -> String { PaperSettings.text(values[level]) }
  }

  /// A point of the grid that is a student.
  public struct Point: Sendable {
    /// The value on each axis.
    public let levels: [Int]
    /// Its settings.
    public let settings: StudentSettings
  }

  /// What the tables are called.
  public let title: String
  /// The choices.
  public let axes: [Axis]
  /// How many points are trained at most.
  public var budget: Int
  /// What the random points are drawn from.
  public let seed: UInt64
  private let path: String

  /// Draws in a row that give nothing new before the grid counts as exhausted.
  private static let patience = 1_000

  /// Reads a declaration.
  /// - Throws: `SettingsError`, `FileError`.
  public init(path: String) throws {
    try self.init(JSONValue(parsing: contents(ofFile: path, limit: 1 << 20), path: path), path: path)
  }

  /// The value of a file.
  /// - Throws: `SettingsError`.
  public init(_ value: JSONValue, path: String) throws {
    self.path = path
    let reader = try SettingsReader(value: value, path: path)
    title = try reader.string("title")
    axes = try Self.axes(reader.array("axes"), path: path)
    budget = try reader.integer("points", in: 1...10_000)
    seed = UInt64(try reader.integer("seed", in: 0...Int(Int32.max)))
    try reader.finish()
    for (index, axis) in axes.enumerated()
    where axes[..<index].contains(where: { $0.name == axis.name || $0.setting == axis.setting }) {
      throw SettingsError(path: path, place: "axes[\(index)]", message: "'\(axis.name)' is there twice")
    }
    guard !axes.isEmpty else { throw SettingsError(path: path, place: "axes", message: "expected at least one axis") }
  }

  private static func axes(_ entries: [JSONValue], path: String) throws -> [Axis] {
    try entries.enumerated().map { index, entry in
      let reader = try SettingsReader(value: entry, path: "\(path): axes[\(index)]")
      let axis = Axis(
        name: try reader.string("name"), setting: try reader.string("setting"), values: try reader.array("values"))
      guard axis.values.count >= 2, axis.values.count <= 16,
        axis.values.indices.allSatisfy({ !axis.values[..<$0].contains(axis.values[$0]) })
      else {
        throw reader.error(
          at: "values", expected: "2 to 16 different values", found: .array(axis.values))
      }
      guard axis.name.count <= 40,
        !axis.name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
      else {
        throw reader.error(
          at: "name", expected: "at most 40 characters, none of them a control character", found: .string(axis.name))
      }
      try reader.finish()
      return axis
    }
  }

  /// How many values there are besides the base's: so many effects, which more points than that tell apart.
  public var effectCount: Int { axes.reduce(0) { $0 + $1.values.count - 1 } }

  /// The points that are trained, of a base.
  /// - Throws: `SettingsError` where an axis does not begin with the base's value, or a value by itself makes no student.
  public func points(base: SettingsFile) throws -> [Point] {
    let base = Self.withoutDerived(base)
    for (index, axis) in axes.enumerated() {
      let found = base.value.value(at: axis.keys)
      guard found == axis.values[0] else {
        throw SettingsError(
          path: path, place: "axes[\(index)].values",
          message: "expected \(found?.canonicalText ?? "nothing, an unknown setting"), which is \(axis.setting) of "
            + "\(base.path), as the first value, found \(axis.values[0].canonicalText)")
      }
    }
    var points: [Point] = []
    var known: Set<String> = []
    func add(_ levels: [Int]) throws {
      let point = Point(levels: levels, settings: try settings(of: levels, base: base))
      guard points.count < budget, known.insert(point.settings.recorded.canonicalText).inserted else { return }
      points.append(point)
    }
    let origin = axes.map { _ in 0 }
    try add(origin)
    for (index, axis) in axes.enumerated() {
      for level in axis.values.indices.dropFirst() {
        var levels = origin
        levels[index] = level
        try add(levels)
      }
    }
    var (draw, idle) = (UInt64(0), 0)
    while points.count < budget, idle < Self.patience {
      let before = points.count
      let levels = axes.indices.map { index in
        var stream = RandomStream(seed: seed, purpose: "multiverse", draw, UInt64(index))
        return stream.index(below: axes[index].values.count)
      }
      // Not every combination is a student.
      do { try add(levels) } catch is SettingsError {}
      draw += 1
      idle = points.count == before ? idle + 1 : 0
    }
    return points
  }

  private func settings(of levels: [Int], base: SettingsFile) throws -> StudentSettings {
    var file = base
    for (axis, level) in zip(axes, levels) { file.replace(axis.keys, by: axis.values[level]) }
    return try StudentSettings(file)
  }

  /// Settings in effect name the pairs of their layout; those of another one are others.
  private static func withoutDerived(_ base: SettingsFile) -> SettingsFile {
    var file = base
    if case .object(var circuit)? = base.value.value(at: ["model", "circuit"]) {
      circuit["pairs"] = nil
      file.replace(["model", "circuit"], by: .object(circuit))
    }
    return file
  }

  /// What a sweep records: axes, points and the base's settings.
  public func recorded(_ points: [Point], base: SettingsFile, seeds: [UInt64]) -> JSONValue {
    .object([
      "axes": .array(
        axes.map { axis in
          .object([
            "name": .string(axis.name), "setting": .string(axis.setting), "values": .array(axis.values),
          ])
        }),
      "base": Self.withoutDerived(base).value,
      "points": .array(points.map { .array($0.levels.map { .number(Double($0)) }) }),
      "seeds": .array(seeds.map { .number(Double($0)) }),
    ])
  }

  /// The axes that a sweep has recorded.
  /// - Throws: `SettingsError`.
  public static func axes(recordedIn configuration: String, path: String) throws -> [Axis] {
    let value = try JSONValue(parsing: Array(configuration.utf8), path: path)
    return try axes(SettingsReader(value: value, path: path).array("axes"), path: path)
  }
}

extension MultiverseDeclaration.Axis {
  fileprivate var keys: [String] { setting.split(separator: ".").map(String.init) }
}
