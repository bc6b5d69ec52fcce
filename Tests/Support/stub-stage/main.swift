import Artifacts
import Configuration
import DataStages
import Digests
import Files
import JSON
import _ArtifactSamples

// A stage that does no work: `stub-stage NAME OPTIONS…` writes the artifact that the stage of that name would, with the header
// it would have and the content of a small sample. What make makes again can be tested by it in no time.

/// The words of a command line.
private struct Words {
  private let words: [String]

  init(_ words: [String]) { self.words = words }

  subscript(name: String) -> String? {
    words.firstIndex(of: "--\(name)").flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
  }

  func required(_ name: String) -> String {
    guard let value = self[name] else { preconditionFailure("stub-stage: --\(name) is missing") }
    return value
  }

  /// All but some options and their values.
  func without(_ names: [String]) -> [String] {
    var rest: [String] = []
    var skips = false
    for word in words {
      if skips {
        skips = false
      } else if names.contains(where: { word == "--\($0)" }) {
        skips = true
      } else {
        rest.append(word)
      }
    }
    return rest
  }
}

private func input(_ role: InputRole, _ path: String) throws -> ArtifactInput {
  ArtifactInput(role: role, fileName: fileName(of: path), contentSHA256: try readHeader(path).contentSHA256)
}

private func prepareData(_ words: Words, _ output: String) throws {
  let (dataset, resolution) = (words.required("dataset"), Int(words.required("resolution")) ?? 0)
  let preparation = try Preparation(
    dataset: dataset, resolution: resolution, words: words.without(["dataset", "resolution", "profile", "output"]))
  let trace = try preparation.trace()
  var header = Sample.header(.dataset)
  header.profile = Profile(rawValue: words.required("profile")) ?? .sample
  (header.dataset, header.resolution, header.seed) = (dataset, resolution, preparation.seed)
  header.configuration = preparation.recorded.canonicalText
  if let path = preparation.input {
    let sha256 = (try? SHA256.hexDigest(of: contents(ofFile: path))) ?? "a folder"
    header.inputs = [ArtifactInput(role: .raw, fileName: fileName(of: path), contentSHA256: sha256)]
  }
  try Sample.writeDataset(header, to: output)
  try trace?.write(besides: output)
}

private func student(_ words: Words, _ output: String, regime: Regime) throws {
  let (data, config) = (words.required("data"), words.required("config"))
  var settings = try StudentSettings(path: config)
  var inputs = [try input(.dataset, data)]
  if let path = words["teacher"] {
    var distillation = try DistillationSettings(path: words.required("distillation"))
    try distillation.record(readHeader(path).header, path: path)
    settings.distillation = distillation.effective
    inputs.append(try input(.teacher, path))
  }
  if let path = words["init"] {
    settings.distillation = try StudentSettings(recordedIn: readHeader(path).header, path: path).distillation
    inputs.append(try input(.initial, path))
  }
  var student = Sample.student()
  student.header = ArtifactHeader(
    kind: .student, of: try readHeader(data).header, title: "a student", seed: UInt64(words.required("seed")) ?? 0,
    configuration: settings.recorded.canonicalText, inputs: inputs,
    model: ArtifactModel(
      variant: fileName(of: config, without: ".json"),
      regime: regime == .scratch && words["init"] != nil ? .kd : regime, kind: settings.kind),
    descent: Sample.descent(regime))
  try student.write(to: output)
}

private func teacher(_ words: Words, _ output: String) throws {
  let data = words.required("data")
  let settings = try TeacherSettings(path: words.required("config"))
  var inputs = [try input(.dataset, data)]
  if let path = words["weights"] {
    let sha256 = SHA256.hexDigest(of: try contents(ofFile: path))
    inputs.append(ArtifactInput(role: .weights, fileName: fileName(of: path), contentSHA256: sha256))
  }
  var teacher = Sample.teacher()
  teacher.header = ArtifactHeader(
    kind: .teacher, of: try readHeader(data).header, title: "a teacher", seed: UInt64(words.required("seed")) ?? 0,
    configuration: settings.recorded(start: inputs.count > 1 ? .asGiven : .random).canonicalText, inputs: inputs,
    model: .teacher(width: settings.qubits), descent: Sample.descent(.teacher))
  try teacher.write(to: output)
}

private func floor(_ words: Words, _ output: String) throws {
  let (data, path) = (words.required("data"), words.required("floor"))
  var evaluation = try Sample.evaluation()
  evaluation.header = ArtifactHeader(
    kind: .evaluation, of: try readHeader(data).header, title: "a floor", seed: 0,
    configuration: try FloorSettings(path: path).effective.canonicalText, inputs: [try input(.dataset, data)],
    model: ArtifactModel(variant: fileName(of: path, without: ".json"), regime: .floor, kind: nil),
    descent: Sample.descent(.floor))
  try evaluation.write(to: output)
}

private func evaluation(_ words: Words, _ output: String) throws {
  if words["floor"] != nil { return try floor(words, output) }
  let (data, model) = (words.required("data"), words.required("model"))
  var evaluation = try Sample.evaluation()
  evaluation.header = try readHeader(model).header
  evaluation.header.kind = .evaluation
  evaluation.header.inputs = [try input(.dataset, data), try input(.model, model)]
  try evaluation.write(to: output)
}

private let words = Words(Array(CommandLine.arguments.dropFirst(2)))
private let output = words.required("output")
switch CommandLine.arguments[1] {
case "prepare-data": try prepareData(words, output)
case "finetune-teacher": try teacher(words, output)
case "distill": try student(words, output, regime: .distilled)
case "train": try student(words, output, regime: .scratch)
case "evaluate": try evaluation(words, output)
case let name: preconditionFailure("stub-stage: there is no stage '\(name)'")
}
