import Failures
import Files
public import JSON
import Training

/// A settings file together with what it extends.
///
/// Settings lie in layers: directories that are searched one after the other, the user's own first, then the profile's, then
/// those that hold for all profiles. A file may say `"extends": "NAME"` and hold only what differs: objects are merged key by
/// key, anything else takes the place of what it extends. `NAME` is looked up in all layers from the first, so that a common
/// `qvit.json` that extends `student` gets the profile's `student.json`; a file that extends its own name continues the one
/// of the layers behind it.
public struct SettingsFile: Sendable {
  /// The file.
  public let path: String
  /// Its name without `.json`.
  public let name: String
  /// Its settings and those it extends; the key `extends` is gone.
  public private(set) var value: JSONValue

  /// The key that names what a file extends.
  private static let extends = "extends"

  /// Reads the first file `NAME.json` of the layers.
  /// - Throws: `SettingsError`, also for a name that no layer has; `FileError`.
  public init(named name: String, in layers: [String]) throws {
    guard let layer = layers.firstIndex(where: { Self.exists(name, in: $0) }) else {
      let suggestion = Self.suggestion(for: name, layers)
      throw SettingsError(
        path: layers.map { "\($0)/\(name).json" }.joined(separator: ", "), place: "",
        message: "no such settings file\(suggestion)")
    }
    try self.init(name: name, layer: layer, layers: layers)
  }

  /// Reads a file by its path; its directory and the one above are its layers.
  /// - Throws: `SettingsError`, `FileError`.
  public init(path: String) throws {
    let directory = directoryName(of: path)
    self.path = path
    name = fileName(of: path, without: ".json")
    value = try Self.resolved(
      path: path, name: name, layer: 0, layers: [directory, directory + "/.."],
      chain: ["\(directory)/\(fileName(of: path))"])
  }

  private init(name: String, layer: Int, layers: [String]) throws {
    self.name = name
    path = "\(layers[layer])/\(name).json"
    value = try Self.resolved(path: path, name: name, layer: layer, layers: layers, chain: [path])
  }

  /// Sets the value at a path of keys, as an option of the command line does.
  public mutating func replace(_ keys: [String], by value: JSONValue) { self.value.replace(keys, by: value) }

  /// Sets the number of epochs where one is given on the command line. The file's own is checked all the same: whether a file
  /// is accepted must not depend on how it is used.
  /// - Throws: `SettingsError`.
  mutating func replaceEpochs(by epochs: Int?, least: Int = 1) throws(SettingsError) {
    guard let epochs else { return }
    let reader = try SettingsReader(value: value, path: path)
    _ = try reader.child("training").integer("epochs", in: least...TrainingSettings.mostEpochs)
    replace(["training", "epochs"], by: .number(Double(epochs)))
  }

  /// Takes out a key at the top, for its owner to read.
  public mutating func remove(_ key: String) -> JSONValue? {
    guard case .object(var members) = value, let found = members.removeValue(forKey: key) else { return nil }
    value = .object(members)
    return found
  }

  /// The names of all settings files of the layers, sorted.
  /// - Throws: `FileError`, `UnexpectedEntry`.
  public static func names(in layers: [String]) throws -> [String] {
    var names: Set<String> = []
    for layer in layers where fileExists(layer) {
      names.formUnion(
        try DirectoryListing(path: layer).files.filter { $0.hasSuffix(".json") }.map {
          fileName(of: $0, without: ".json")
        })
    }
    return names.sorted()
  }

  /// The name there is that is most like this one, in words; none where a directory cannot be listed, which is not what the
  /// user has to hear about.
  private static func suggestion(for name: String, _ layers: [String], besides other: String? = nil) -> String {
    let known = ((try? names(in: layers)) ?? []).filter { $0 != other }
    return Failures.suggestion(for: name, among: known)
  }

  private static func exists(_ name: String, in layer: String) -> Bool { fileExists("\(layer)/\(name).json") }

  /// - Parameter chain: the files on the way here, which must not come again.
  private static func resolved(
    path: String, name: String, layer: Int, layers: [String], chain: [String]
  ) throws -> JSONValue {
    let value = try JSONValue(parsing: contents(ofFile: path, limit: 1 << 20), path: path)
    guard case .object(var members) = value, let extended = members.removeValue(forKey: extends) else { return value }
    guard case .string(let base) = extended else {
      throw SettingsError(
        path: path, place: extends, message: "expected the name of a settings file, found \(extended.summary)")
    }
    let candidates = base == name ? layers.indices.dropFirst(layer + 1) : layers.indices
    guard let found = candidates.first(where: { exists(base, in: layers[$0]) }) else {
      let suggestion = suggestion(for: base, layers, besides: name)
      throw SettingsError(
        path: path, place: extends, message: "there is no settings file '\(base)' to extend\(suggestion)")
    }
    let next = "\(layers[found])/\(base).json"
    guard !chain.contains(next) else {
      throw SettingsError(
        path: path, place: extends, message: "goes round in a circle: \((chain + [next]).joined(separator: " → "))")
    }
    let below = try resolved(path: next, name: base, layer: found, layers: layers, chain: chain + [next])
    return below.overlaid(with: .object(members))
  }
}

extension JSONValue {
  /// Sets the value at a path of keys, whose objects are made where they are missing. Anything but objects on the way is
  /// left for the reader to refuse.
  public mutating func replace(_ keys: [String], by value: JSONValue) {
    guard let key = keys.first else {
      self = value
      return
    }
    guard case .object(var members) = self else { return }
    members[key, default: .object([:])].replace(Array(keys.dropFirst()), by: value)
    self = .object(members)
  }

  /// Takes out the value at a path of keys.
  mutating func remove(_ keys: [String]) {
    guard let key = keys.first, case .object(var members) = self else { return }
    if keys.count == 1 { members[key] = nil } else { members[key]?.remove(Array(keys.dropFirst())) }
    self = .object(members)
  }

  /// The value at a path of keys; nil where there is none.
  public func value(at keys: some Collection<String>) -> JSONValue? {
    guard let key = keys.first else { return self }
    guard case .object(let members) = self else { return nil }
    return members[key]?.value(at: keys.dropFirst())
  }

  /// This value with another laid over it: objects are merged key by key, anything else is replaced.
  func overlaid(with other: JSONValue) -> JSONValue {
    guard case .object(let below) = self, case .object(let above) = other else { return other }
    return .object(below.merging(above) { $0.overlaid(with: $1) })
  }
}
