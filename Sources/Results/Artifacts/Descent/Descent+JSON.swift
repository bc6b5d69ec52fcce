import Datasets
public import JSON

// The one text of a descent, in the header of artifacts and in the metadata of exported weights.

extension Descent {
  /// The descent as JSON; docs/artifacts.md lists the keys.
  public var json: JSONValue {
    .object(own.members.merging(["ancestors": .array(ancestors.map(\.json))]) { mine, _ in mine })
  }

  /// The descent that a text describes.
  /// - Parameters:
  ///   - text: JSON.
  ///   - path: the file it is from, for messages.
  /// - Throws: `SettingsError` naming the key that is wrong.
  public init(parsing text: String, path: String) throws {
    let value = try JSONValue(parsing: Array(text.utf8), path: path)
    let reader = try SettingsReader(value: .object(["descent": value]), path: path)
    let descent = try reader.child("descent")
    own = try Generation(descent)
    let ancestors = try descent.array("ancestors")
    guard ancestors.count <= Self.longest else {
      throw descent.error(
        at: "ancestors", expected: "at most \(Self.longest)", foundText: "\(ancestors.count)")
    }
    self.ancestors = try ancestors.map { try Ancestor($0, path: path) }
    try reader.finish()
  }

  /// More generations than any model has.
  private static let longest = 16
}

extension Generation {
  fileprivate var members: [String: JSONValue] {
    var members = ["images": images.json]
    members["start"] = start?.json
    members["components"] = components?.json
    members["program"] = program?.json
    return members
  }

  fileprivate init(_ reader: SettingsReader) throws {
    images = try ImageDescent(reader.child("images"))
    start = reader.value("start") == nil ? nil : try StartingWeights(reader.child("start"))
    components = reader.value("components") == nil ? nil : try PenultimateComponents(reader.child("components"))
    program = reader.value("program") == nil ? nil : try OtherProgram(reader.child("program"))
  }
}

extension Ancestor {
  fileprivate var json: JSONValue {
    let members: [String: JSONValue] = [
      "role": .string(role.rawValue), "content_sha256": .string(contentSHA256), "software": .string(software),
      "results_version": .number(Double(resultsVersion)), "seed": .number(Double(seed)),
    ]
    return .object(members.merging(generation.members) { mine, _ in mine })
  }

  fileprivate init(_ value: JSONValue, path: String) throws {
    let reader = try SettingsReader(value: .object(["ancestor": value]), path: path)
    let ancestor = try reader.child("ancestor")
    role = try ancestor.choice("role")
    contentSHA256 = try ancestor.string("content_sha256")
    software = try ancestor.string("software")
    resultsVersion = try ancestor.integer("results_version", in: 0...Int(Int32.max))
    seed = UInt64(try ancestor.integer("seed", in: 0...(1 << 53)))
    generation = try Generation(ancestor)
    try reader.finish()
  }
}

extension ImageDescent {
  fileprivate var json: JSONValue {
    .object([
      "content_sha256": .string(contentSHA256), "results_version": .number(Double(resultsVersion)),
      "resolution": .number(Double(resolution)), "origin": .string(origin.rawValue), "source": source.json,
      "images_sha256": .string(imagesSHA256), "labels_sha256": .string(labelsSHA256),
    ])
  }

  fileprivate init(_ reader: SettingsReader) throws {
    contentSHA256 = try reader.string("content_sha256")
    resultsVersion = try reader.integer("results_version", in: 0...Int(Int32.max))
    resolution = try reader.integer("resolution", in: 1...DatasetSchema.largestResolution)
    origin = try reader.choice("origin")
    source = try SourceDigest(reader.child("source"))
    imagesSHA256 = try reader.string("images_sha256")
    labelsSHA256 = try reader.string("labels_sha256")
  }
}

extension SourceDigest {
  fileprivate var json: JSONValue {
    let members: [String: JSONValue] =
      switch self {
      case .file(let name, let md5, let sha256):
        [
          "kind": .string(DatasetSchema.sourceFile), "name": .string(name), "md5": .string(md5),
          "sha256": .string(sha256),
        ]
      case .folder(let name, let sha256):
        ["kind": .string(DatasetSchema.sourceFolder), "name": .string(name), "sha256": .string(sha256)]
      case .generator(let name, let version):
        [
          "kind": .string(DatasetSchema.sourceGenerator), "name": .string(name), "version": .number(Double(version)),
        ]
      }
    return .object(members)
  }

  fileprivate init(_ reader: SettingsReader) throws {
    let name = try reader.string("name")
    let kinds = [DatasetSchema.sourceFile, DatasetSchema.sourceFolder, DatasetSchema.sourceGenerator]
    switch try reader.choice("kind", of: kinds) {
    case DatasetSchema.sourceFile:
      self = .file(name: name, md5: try reader.string("md5"), sha256: try reader.string("sha256"))
    case DatasetSchema.sourceFolder: self = .folder(name: name, sha256: try reader.string("sha256"))
    default: self = .generator(name: name, version: try reader.integer("version", in: 0...Int(Int32.max)))
    }
  }
}

extension StartingWeights {
  private enum Kind: String, CaseIterable {
    case random
    case asGiven = "as-given"
    case exported
  }

  fileprivate var json: JSONValue {
    func file(_ kind: Kind, _ name: String, _ sha256: String) -> JSONValue {
      .object(["kind": .string(kind.rawValue), "file_name": .string(name), "sha256": .string(sha256)])
    }
    return switch self {
    case .random: .object(["kind": .string(Kind.random.rawValue)])
    case .asGiven(let name, let sha256): file(.asGiven, name, sha256)
    case .exported(let name, let sha256): file(.exported, name, sha256)
    }
  }

  fileprivate init(_ reader: SettingsReader) throws {
    let kind: Kind = try reader.choice("kind")
    guard kind != .random else {
      self = .random
      return
    }
    let (name, sha256) = (try reader.string("file_name"), try reader.string("sha256"))
    self = kind == .asGiven ? .asGiven(fileName: name, sha256: sha256) : .exported(fileName: name, sha256: sha256)
  }
}

extension OtherProgram {
  fileprivate var json: JSONValue {
    .object(["name": .string(name), "file_name": .string(fileName), "sha256": .string(sha256)])
  }

  fileprivate init(_ reader: SettingsReader) throws {
    name = try reader.string("name")
    fileName = try reader.string("file_name")
    sha256 = try reader.string("sha256")
  }
}

extension PenultimateComponents {
  fileprivate var json: JSONValue {
    .object([
      "count": .number(Double(count)), "constant": .array(constant.map { .number(Double($0)) }),
    ])
  }

  fileprivate init(_ reader: SettingsReader) throws {
    count = try reader.integer("count", in: 0...4096)
    let found = try reader.numbers("constant", in: 0...4096).map { Int($0) }
    guard found.count <= count, found == Set(found).sorted(), found.last ?? -1 < count else {
      throw reader.error(
        at: "constant", expected: "components below \(count), ascending", foundText: "others")
    }
    constant = found
  }
}
