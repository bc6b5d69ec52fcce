public import Artifacts
public import Configuration
import Datasets
public import JSON
public import Metrics
public import Statistics

/// One evaluated model on its way into a table: the evaluation as it is stored, and what its settings say about it. It is the
/// input of every table, and keeps everything that a renderer may want: scores, confusion, history.
public struct TableCell: Sendable, Equatable {
  /// The file, for error messages.
  public let path: String
  /// The evaluation.
  public let evaluation: EvaluationArtifact
  /// Its test split, of which tables tell.
  public let test: SplitEvaluation
  /// What it was made with.
  public let configuration: JSONValue
  /// The model.
  public let model: ArtifactModel
  /// The number of qubits q, the width of the penultimate vector; nil for a model made elsewhere.
  public let width: Int?
  /// In what the model is not the paper's.
  public let deviations: [PaperSettings.Deviation]
  /// What else a reader must know, a phrase each: "teacher trained from random weights".
  public let remarks: [String]

  /// What the evaluation says about itself.
  public var header: ArtifactHeader { evaluation.header }
  /// Where the images come from.
  public var origin: ImageOrigin { header.origin }
  /// The digest of the teacher it was distilled from; nil from scratch, and of a teacher itself.
  public var teacher: String? { header.descent?.teacher?.contentSHA256 }

  /// The cell of an evaluation read from `path`.
  /// - Throws: `ArtifactError` if it has no model or no test split, `SettingsError`.
  public init(_ evaluation: EvaluationArtifact, path: String) throws {
    guard let test = evaluation[.test] else {
      throw ArtifactError.invalidValue(path: path, object: "/test", expected: "the test split", found: "none")
    }
    let header = evaluation.header
    self.path = path
    self.evaluation = evaluation
    self.test = test
    model = try header.requiredModel(path)
    var configuration = try JSONValue(parsing: Array(header.configuration.utf8), path: path)
    // Whatever file it was read from: weights that began as random ones are such.
    if header.descent?.beginning == .random {
      let start = JSONValue.string(TeacherSettings.Start.random.rawValue)
      configuration.replace(
        (model.regime == .teacher ? [] : ["distillation", "teacher"]) + ["weights", "start"], by: start)
    }
    self.configuration = configuration
    var remarks: [String] = []
    switch model.regime {
    case .teacher:
      width = try TeacherSettings(recordedIn: header, path: path).qubits
      remarks = teacherRemarks(configuration, resolution: header.resolution)
    case .scratch, .kd, .distilled:
      let settings = try StudentSettings(recordedIn: header, path: path)
      width = settings.width
      if let teacher = configuration.value(at: ["distillation", "teacher"]) {
        remarks = teacherRemarks(
          teacher,
          resolution: teacher.value(at: ["data", "resolution"]).flatMap {
            if case .number(let number) = $0 { Int(exactly: number) } else { nil }
          })
      }
    case .floor: width = nil
    case .external:
      width = nil
      if case .string(let source)? = configuration.value(at: ["source"]) { remarks = ["scores from \(source)"] }
    }
    if test.duplicatesOfTrain > 0 {
      remarks.append(
        "warning: \(test.duplicatesOfTrain) of \(test.imageCount) test images equal a training image")
    }
    self.remarks = remarks
    deviations = PaperSettings.deviations(of: configuration, model, in: header.profile)
  }
}

private func teacherRemarks(_ settings: JSONValue, resolution: Int?) -> [String] {
  var remarks: [String] = []
  if settings.value(at: ["weights", "start"]) == .string(TeacherSettings.Start.random.rawValue) {
    remarks.append("teacher trained from random weights")
  }
  if let resolution, (1..<224).contains(resolution) {
    remarks.append("teacher saw \(resolution)-pixel images enlarged")
  }
  return remarks
}

extension RunGroups {
  /// Students of the same teacher; nil where there is a single teacher, or none.
  public init?(ofTeachersOf cells: [TableCell]) { self.init(cells.map(\.teacher)) }
}
