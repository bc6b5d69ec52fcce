import Architectures
public import Artifacts
public import JSON

/// What the paper fixes of the models in its tables, as keys of our settings. A model that differs in one of them is not the
/// paper's, and no value of the paper stands beside it. Where the paper is silent, our settings are a reading of it
/// (docs/choices.md), and any other is one as well.
///
/// Source: arXiv:2503.07294, sections 3 and 4, and for the procedure MedMNIST v2, which the paper follows.
public enum PaperSettings {
  /// A setting that differs.
  public struct Deviation: Sendable, Hashable {
    /// The key: `training.epochs`.
    public var key: String
    /// Its value here.
    public var found: String
    /// The paper's.
    public var paper: String

    /// "training.epochs 2 (paper: 100)".
    public var description: String { "\(key) \(found) (paper: \(paper))" }
  }

  private typealias Fixed = [(key: String, value: JSONValue)]

  private static let training: Fixed = [
    ("training.epochs", .number(100)), ("training.batch_size", .number(32)), ("training.learning_rate", .number(0.001)),
    ("training.beta1", .number(0.9)), ("training.beta2", .number(0.999)), ("training.epsilon", .number(1e-8)),
    ("training.milestones", .array([.number(0.5), .number(0.75)])), ("training.decay", .number(0.1)),
    ("training.selection", .string("best-validation-auc")), ("training.patience", .null),
  ]

  private static let student: Fixed = [("model.qubits", .number(4)), ("model.heads", .number(2))] + training

  private static let distillation: Fixed = [
    ("distillation.target", .string("penultimate")), ("distillation.teacher.weights.start", .string("pretrained")),
    ("distillation.teacher.model.architecture", paperTeacher),
  ]

  private static let singlePrecision = JSONValue.string(MatrixPrecision.float32.rawValue)

  private static let paperTeacher = JSONValue.string(TeacherSettings.paperArchitecture.rawValue)

  /// What a key means that is not recorded.
  private static let unrecorded: [String: JSONValue] = [
    "training.patience": .null, "distillation.teacher.training.patience": .null, teacherKey: paperTeacher,
    "distillation.teacher.\(teacherKey)": paperTeacher,
    "training.precision": singlePrecision, "distillation.teacher.training.precision": singlePrecision,
  ]

  /// The key of the teacher's architecture, of which the sample profile has one of its own.
  private static let teacherKey = "model.architecture"

  /// The value of a key, recorded or meant.
  static func value(at key: String, in configuration: JSONValue) -> JSONValue? {
    configuration.value(at: key.split(separator: ".").map(String.init)) ?? unrecorded[key]
  }

  private static let teacher: Fixed =
    [("model.qubits", .number(4)), (teacherKey, paperTeacher), ("weights.start", .string("pretrained"))] + training

  /// The settings in which a model is not the paper's.
  /// - Parameters:
  ///   - configuration: the settings as an artifact records them.
  ///   - model: what was made with them.
  ///   - profile: the sample profile trains little images in another way, and its tables say so as a whole: there only the
  ///     model counts.
  public static func deviations(
    of configuration: JSONValue, _ model: ArtifactModel, in profile: Profile
  ) -> [Deviation] {
    let fixed: Fixed =
      switch model.regime {
      case .scratch: student
      case .kd, .distilled: student + distillation
      case .teacher: teacher
      case .external, .floor: []
      }
    return fixed.filter {
      profile != .sample || $0.key.hasPrefix("model.") && $0.key != teacherKey
    }.compactMap { key, value in
      let found = Self.value(at: key, in: configuration)
      guard found != value, !(key.hasSuffix("weights.start") && found == asGiven) else { return nil }
      return Deviation(key: key, found: text(found), paper: text(value))
    }
  }

  /// A file that says nothing about itself is taken for what it is given for; tables print its digest.
  private static let asGiven = JSONValue.string(TeacherSettings.Start.asGiven.rawValue)

  static func text(_ value: JSONValue?) -> String {
    switch value {
    case .string(let text)?: text
    case let value?: value.canonicalText
    case nil: "unknown"
    }
  }
}
