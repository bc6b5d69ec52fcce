public import Metrics

/// Where a dataset's images come from.
public enum DataSource: String, Sendable {
  /// The public file, with the digest its publishers give.
  case official
  /// Another file in its place.
  case unofficial
  /// Images that nobody published as a file: slices of OASIS, a folder of one's own.
  case own
  /// The built-in generator.
  case generated
}

/// One evaluated model, as an evaluation artifact states it: the input of every table.
public struct EvaluatedCell: Sendable, Equatable {
  /// `vit`, `qvit` or `tinyvit`.
  public var model: String
  /// `scratch`, `kd` or `teacher`.
  public var regime: String
  /// The edge length of the images in pixels.
  public var resolution: Int
  /// The dataset's flag.
  public var dataset: String
  /// The seed of the training.
  public var seed: UInt64
  /// MedMNIST's AUC on the test split; NaN if undefined.
  public var auc: Double
  /// Why `auc` is NaN; empty otherwise.
  public var aucUndefined: [UndefinedAUC]
  /// MedMNIST's ACC on the test split.
  public var accuracy: Double
  /// The bootstrap interval of the AUC; nil if undefined.
  public var aucInterval: Interval?
  /// The bootstrap interval of the accuracy.
  public var accuracyInterval: Interval?
  /// The number of qubits q of the model (the width of its penultimate vector).
  public var qubits: Int
  /// The number of trained numbers in the model.
  public var parameterCount: Int
  /// The number of images in the test split.
  public var imageCount: Int
  /// The share of the test split's largest class.
  public var majorityBaseline: Double
  /// Where the images come from.
  public var source: DataSource
  /// Whether images of one patient are in more than one split.
  public var hasLeakingSplit: Bool
  /// Whether data and procedure are the paper's, so that a difference to its values means something.
  public var isComparable: Bool
  /// What else a reader must know, a phrase each: "teacher trained from random weights".
  public var remarks: [String]
  /// A digest of the settings the model was trained with; the seeds of one entry must share it.
  public var settingsDigest: String
  /// The profile it was made under.
  public var profile: String
  /// The version of the results, raised whenever numbers may change.
  public var resultsVersion: Int
  /// The version of the artifact's layout.
  public var formatVersion: Int
  /// The file it was read from.
  public var path: String

  /// A cell from its parts, in the order of the properties.
  public init(
    model: String, regime: String, resolution: Int, dataset: String, seed: UInt64, auc: Double,
    aucUndefined: [UndefinedAUC] = [], accuracy: Double, aucInterval: Interval?, accuracyInterval: Interval?,
    qubits: Int, parameterCount: Int, imageCount: Int, majorityBaseline: Double, source: DataSource,
    hasLeakingSplit: Bool = false, isComparable: Bool, remarks: [String] = [], settingsDigest: String,
    profile: String, resultsVersion: Int, formatVersion: Int, path: String
  ) {
    self.model = model
    self.regime = regime
    self.resolution = resolution
    self.dataset = dataset
    self.seed = seed
    self.auc = auc
    self.aucUndefined = aucUndefined
    self.accuracy = accuracy
    self.aucInterval = aucInterval
    self.accuracyInterval = accuracyInterval
    self.qubits = qubits
    self.parameterCount = parameterCount
    self.imageCount = imageCount
    self.majorityBaseline = majorityBaseline
    self.source = source
    self.hasLeakingSplit = hasLeakingSplit
    self.isComparable = isComparable
    self.remarks = remarks
    self.settingsDigest = settingsDigest
    self.profile = profile
    self.resultsVersion = resultsVersion
    self.formatVersion = formatVersion
    self.path = path
  }

  func value(of measure: Measure) -> Double { measure == .auc ? auc : accuracy }

  func bootstrapInterval(of measure: Measure) -> Interval? { measure == .auc ? aucInterval : accuracyInterval }
}

/// The two measures of the tables.
public enum Measure: String, Sendable, CaseIterable {
  /// Area under the ROC curve.
  case auc = "AUC"
  /// Accuracy.
  case accuracy = "ACC"
}
