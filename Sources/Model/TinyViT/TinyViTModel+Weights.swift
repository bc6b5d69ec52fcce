import Architectures
public import Failures
import VectorMath
public import SafeTensors

/// What a weights file had, compared with what the model wants.
public struct WeightReport: Sendable, Equatable {
  /// Tensors taken over.
  public var loaded = 0
  /// Tensors of the model that the file lacks.
  public var missing: [String] = []
  /// Tensors of the file that the model has no place for.
  public var unexpected: [String] = []
  /// Tensors whose shapes differ, as `name: expected [..], found [..]`.
  public var mismatched: [String] = []

  /// Whether file and model differ in the head's linear layers at most (a model for other classes).
  public var isUsable: Bool {
    (missing + unexpected + mismatched).allSatisfy { $0.hasPrefix("head.fc.") }
  }

  /// Whether every tensor, the head's too, was taken over.
  public var isComplete: Bool { missing.isEmpty && unexpected.isEmpty && mismatched.isEmpty }

  /// One line for each tensor that differs.
  public var lines: [String] {
    missing.map { "missing: \($0)" } + unexpected.map { "unexpected: \($0)" } + mismatched.map { "shape: \($0)" }
  }
}

/// A weights file that does not fit the model beyond the head.
public struct WeightMismatch: Failure, Equatable {
  /// The file.
  public var path: String
  /// What differs.
  public var report: WeightReport

  /// Bad data, 65.
  public var kind: FailureKind { .badData }

  /// One line: the path, how many tensors differ and the first of them.
  public var description: String {
    let wrong = report.lines.filter { !$0.contains("head.fc.") }
    return "\(path): \(wrong.count) tensors do not fit this TinyViT, the first: \(wrong.first ?? "none")"
  }
}

/// A tensor with a number that cannot be: not finite, or a negative variance.
public struct WeightValueError: Failure, Equatable {
  /// The file.
  public var path: String
  /// The tensor.
  public var tensor: String
  /// The number.
  public var found: Float

  /// Bad data, 65.
  public var kind: FailureKind { .badData }

  /// One line: path, tensor and the number.
  public var description: String { "\(path): tensor '\(tensor)': holds \(found)" }

  /// Equal, a NaN being equal to itself.
  public static func == (a: WeightValueError, b: WeightValueError) -> Bool { a.description == b.description }
}

extension TinyViTModel {
  /// Takes parameters and statistics from a safetensors file with timm's or the official names. The head's linear layers
  /// may be missing or of another shape and keep their values then; nothing else may differ.
  /// - Throws: `WeightMismatch` (with the whole report) or `WeightValueError`, the model being unchanged; what opening and
  ///   reading the file throws.
  public func load(weights path: String) throws -> WeightReport {
    let file = try SafeTensorsFile(path: path)
    var found: [String: SafeTensorsFile.Entry] = [:]
    for entry in file.entries {
      // Derived from the window size; some official checkpoints hold it.
      if entry.name.hasSuffix(".attention_bias_idxs") { continue }
      found[timmName(ofOfficial: entry.name)] = entry
    }
    var report = WeightReport()
    var newParameters = parameterValues
    var newStatistics = statisticValues
    try take(architecture.table.parameters, from: file, &found, into: &newParameters, &report)
    try take(architecture.table.statistics, from: file, &found, into: &newStatistics, &report)
    var newCounters = batchesSeen
    for (index, name) in architecture.table.counters.enumerated() {
      // Not a weight: nothing is computed from it, so a file may lack it.
      guard let entry = found.removeValue(forKey: name) else { continue }
      if entry.element == .int64, entry.shape.isEmpty { newCounters[index] = try file.integers(of: entry)[0] }
    }
    report.unexpected = found.keys.sorted()
    guard report.isUsable else { throw WeightMismatch(path: path, report: report) }
    parameterValues = newParameters
    statisticValues = newStatistics
    batchesSeen = newCounters
    return report
  }

  private func take(
    _ places: [TensorPlace], from file: borrowing SafeTensorsFile, _ found: inout [String: SafeTensorsFile.Entry],
    into values: inout [Float], _ report: inout WeightReport
  ) throws {
    for place in places {
      guard let entry = found.removeValue(forKey: place.name) else {
        report.missing.append(place.name)
        continue
      }
      guard entry.shape == place.shape else {
        report.mismatched.append("\(place.name): expected \(place.shape), found \(entry.shape)")
        continue
      }
      let numbers = try file.floats(of: entry)
      let smallest: Float = place.name.hasSuffix("running_var") ? 0 : -.greatestFiniteMagnitude
      if let wrong = numbers.first(where: { !($0 >= smallest && $0 <= .greatestFiniteMagnitude) }) {
        throw WeightValueError(path: file.path, tensor: entry.name, found: wrong)
      }
      values.replaceSubrange(place.range, with: numbers)
      report.loaded += 1
    }
  }

  /// Parameters, statistics and counters with timm's names.
  public var tensors: [NamedTensor] {
    let table = architecture.table
    let parameters = table.parameters.map {
      NamedTensor(name: $0.name, shape: $0.shape, elements: .floats(Array(self.parameters.elements[$0.range])))
    }
    let statistics = table.statistics.map {
      NamedTensor(name: $0.name, shape: $0.shape, elements: .floats(Array(self.statistics.elements[$0.range])))
    }
    let counters = zip(table.counters, batchesSeen).map {
      NamedTensor(name: $0, shape: [], elements: .integers([$1]))
    }
    return parameters + statistics + counters
  }

  /// Writes all tensors to a safetensors file that timm opens (with the same head in place of its own).
  /// - Throws: `FileError`.
  public func save(weights path: String, metadata: [String: String] = ["format": "pt"]) throws {
    try writeSafeTensors(tensors, metadata: metadata, to: path)
  }
}

/// timm's name of a tensor of an official checkpoint; names that are timm's already stay as they are.
///
/// Official checkpoints count a merging to the stage before it and call the head `norm_head` and `head`.
func timmName(ofOfficial name: String) -> String {
  var parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
  switch parts[0] {
  case "patch_embed" where parts.count > 2 && parts[1] == "seq":
    parts = [parts[0], parts[2] == "0" ? "conv1" : "conv2"] + parts[3...]
  case "layers" where parts.count > 2:
    guard let stage = Int(parts[1]), (0..<16).contains(stage) else { return name }
    parts[0] = "stages"
    if parts[2] == "downsample" { parts[1] = "\(stage + 1)" }
  case "norm_head": parts = ["head", "norm"] + parts[1...]
  case "head" where parts.count == 2: parts = ["head", "fc", parts[1]]
  default: return name
  }
  if parts.count >= 2, parts[parts.count - 2] == "c", parts[parts.count - 1] == "weight" {
    parts[parts.count - 2] = "conv"
  }
  return parts.joined(separator: ".")
}
