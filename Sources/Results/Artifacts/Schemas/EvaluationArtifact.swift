import Datasets
public import Files

/// An artifact of kind "evaluation": what a model scored on a dataset.
public struct EvaluationArtifact: Sendable, Equatable {
  /// What it says about itself.
  public var header: ArtifactHeader
  /// Class names, `[K]`.
  public var classNames: [String]
  /// Number of weights of the model.
  public var parameterCount: Int
  /// The epoch the model's weights are from, counted from 1.
  public var selectedEpoch: Int
  /// Results on each split evaluated.
  public var splits: [SplitEvaluation]

  /// An evaluation.
  /// - Precondition: `header.kind` is evaluation; all arrays fit the number of classes and images.
  public init(
    header: ArtifactHeader, classNames: [String], parameterCount: Int, selectedEpoch: Int, splits: [SplitEvaluation]
  ) {
    precondition(header.kind == .evaluation, "kind \(header.kind)")
    self.header = header
    self.classNames = classNames
    self.parameterCount = parameterCount
    self.selectedEpoch = selectedEpoch
    self.splits = splits
  }

  /// Reads an artifact; everything in it is checked.
  /// - Returns: the evaluation and its `content_sha256`.
  /// - Throws: `FileError`, `ArtifactError`, `HDF5Error`.
  public static func read(path: String) throws -> (evaluation: EvaluationArtifact, contentSHA256: String) {
    let reader = try ArtifactReader(path: path, kind: .evaluation)
    let classNames = try reader.strings(EvaluationSchema.classNames, count: nil, in: reader.root)
    let splits = try Split.allCases.filter { try reader.root.contains($0.rawValue) }
      .map { try reader.evaluation(of: $0, classes: classNames.count) }
    for split in splits { try reader.check(split, classes: classNames.count) }
    let evaluation = EvaluationArtifact(
      header: reader.header, classNames: classNames,
      parameterCount: try reader.root.requiredInteger(EvaluationSchema.parameterCount),
      selectedEpoch: try reader.root.requiredInteger(EvaluationSchema.selectedEpoch), splits: splits)
    return (evaluation, reader.contentSHA256)
  }

  /// Writes the artifact; what stood at the path is replaced at once, or stays as it is.
  /// - Returns: its `content_sha256`.
  /// - Throws: `FileError`, `HDF5Error`.
  @discardableResult
  public func write(to path: String) throws -> String { try write(to: PendingFile(path: path)) }

  /// Writes the artifact to a target that was claimed before the work began.
  /// - Returns: its `content_sha256`.
  /// - Throws: `FileError`, `HDF5Error`.
  @discardableResult
  public func write(to target: consuming PendingFile) throws -> String {
    let classes = classNames.count
    var writer = try ArtifactWriter.create(in: target, header: header)
    try writer.addAttribute(EvaluationSchema.parameterCount, .integer(parameterCount), to: writer.root)
    try writer.addAttribute(EvaluationSchema.selectedEpoch, .integer(selectedEpoch), to: writer.root)
    for axis in [EvaluationSchema.classAxis, EvaluationSchema.trueClass, EvaluationSchema.predictedClass] {
      try writer.addScale(axis, count: classes, in: writer.root)
    }
    try writer.addStrings(
      EvaluationSchema.classNames, classNames, axis: EvaluationSchema.classAxis, longName: "names of the classes",
      in: writer.root)
    for split in splits { try writer.add(split, classes: classes) }
    return try writer.publish()
  }
}

extension ArtifactWriter {
  fileprivate mutating func add(_ results: SplitEvaluation, classes: Int) throws {
    let group = try addGroup(results.split.rawValue, in: root)
    let count = results.labels.count
    let sampleAndClass = [EvaluationSchema.sample, EvaluationSchema.classAxis]
    try addScale(EvaluationSchema.sample, count: count, in: group)
    try addAttributes(of: results, to: group)
    try addArray(
      EvaluationSchema.scores, results.scores, shape: [count, classes], axes: sampleAndClass,
      longName: "softmax of the logits", in: group)
    try addArray(
      EvaluationSchema.logits, results.logits, shape: [count, classes], axes: sampleAndClass, longName: "logits",
      in: group)
    try addArray(
      EvaluationSchema.labels, results.labels, shape: [count], axes: [EvaluationSchema.sample],
      longName: "true class", in: group)
    try addArray(
      EvaluationSchema.predicted, results.predicted, shape: [count], axes: [EvaluationSchema.sample],
      longName: "class of the highest score", in: group)
    try addArray(
      EvaluationSchema.confusion, results.confusion.map(Int64.init), shape: [classes, classes],
      axes: [EvaluationSchema.trueClass, EvaluationSchema.predictedClass],
      longName: "images by true and predicted class", in: group)
    try add(results.classes, classes: classes, to: group)
  }

  private mutating func addAttributes(of results: SplitEvaluation, to group: HDF5Group) throws {
    let attributes: [(String, HDF5Value)] = [
      (EvaluationSchema.count, .integer(results.labels.count)),
      (EvaluationSchema.auc, .number(results.auc)),
      (EvaluationSchema.aucReason, .text(results.aucReason)),
      (EvaluationSchema.accuracy, .number(results.accuracy)),
      (EvaluationSchema.majorityBaseline, .number(results.majorityBaseline)),
      (EvaluationSchema.duplicatesOfTrain, .integer(results.duplicatesOfTrain)),
      (EvaluationSchema.bootstrapLevel, .number(results.bootstrap.level)),
      (EvaluationSchema.bootstrapReplicates, .integer(results.bootstrap.replicates)),
      (EvaluationSchema.bootstrapSeed, .integer(Int(bitPattern: UInt(results.bootstrap.seed)))),
      (EvaluationSchema.aucLow, .number(results.bootstrap.aucLow)),
      (EvaluationSchema.aucHigh, .number(results.bootstrap.aucHigh)),
      (EvaluationSchema.accuracyLow, .number(results.bootstrap.accuracyLow)),
      (EvaluationSchema.accuracyHigh, .number(results.bootstrap.accuracyHigh)),
    ]
    for (name, value) in attributes { try addAttribute(name, value, to: group) }
  }

  private mutating func add(_ metrics: ClassMetrics, classes: Int, to group: HDF5Group) throws {
    let columns: [(name: String, values: [Double], longName: String)] = [
      (EvaluationSchema.classAUC, metrics.auc, "AUC of the class against the rest"),
      (EvaluationSchema.recall, metrics.recall, "recall"),
      (EvaluationSchema.precision, metrics.precision, "precision"),
      (EvaluationSchema.f1, metrics.f1, "F1"),
    ]
    for (name, values, longName) in columns {
      try addArray(
        name, values, shape: [classes], axes: [EvaluationSchema.classAxis], longName: longName, in: group)
    }
    try addStrings(
      EvaluationSchema.classAUCReason, metrics.aucReason, axis: EvaluationSchema.classAxis,
      longName: "why the AUC is NaN", in: group)
    try addArray(
      EvaluationSchema.support, metrics.support.map(Int64.init), shape: [classes],
      axes: [EvaluationSchema.classAxis], longName: "images of the class", in: group)
  }
}

extension ArtifactReader {
  fileprivate func evaluation(of split: Split, classes: Int) throws -> SplitEvaluation {
    let group = try root.group(split.rawValue)
    let labels = try array(EvaluationSchema.labels, of: UInt8.self, shape: [nil], in: group).values
    let count = labels.count
    return SplitEvaluation(
      split: split,
      scores: try array(EvaluationSchema.scores, of: Float.self, shape: [count, classes], in: group).values,
      logits: try array(EvaluationSchema.logits, of: Float.self, shape: [count, classes], in: group).values,
      labels: labels,
      predicted: try array(EvaluationSchema.predicted, of: UInt8.self, shape: [count], in: group).values,
      auc: try group.requiredNumber(EvaluationSchema.auc),
      aucReason: try group.requiredText(EvaluationSchema.aucReason),
      accuracy: try group.requiredNumber(EvaluationSchema.accuracy),
      majorityBaseline: try group.requiredNumber(EvaluationSchema.majorityBaseline),
      confusion: try array(EvaluationSchema.confusion, of: Int64.self, shape: [classes, classes], in: group)
        .values.map { Int($0) },
      classes: try classMetrics(classes: classes, in: group),
      bootstrap: BootstrapIntervals(
        level: try group.requiredNumber(EvaluationSchema.bootstrapLevel),
        replicates: try group.requiredInteger(EvaluationSchema.bootstrapReplicates),
        seed: UInt64(UInt(bitPattern: try group.requiredInteger(EvaluationSchema.bootstrapSeed))),
        aucLow: try group.requiredNumber(EvaluationSchema.aucLow),
        aucHigh: try group.requiredNumber(EvaluationSchema.aucHigh),
        accuracyLow: try group.requiredNumber(EvaluationSchema.accuracyLow),
        accuracyHigh: try group.requiredNumber(EvaluationSchema.accuracyHigh)),
      duplicatesOfTrain: try group.requiredInteger(EvaluationSchema.duplicatesOfTrain))
  }

  private func classMetrics(classes: Int, in group: HDF5Group) throws -> ClassMetrics {
    func column(_ name: String) throws -> [Double] {
      try array(name, of: Double.self, shape: [classes], in: group).values
    }
    return ClassMetrics(
      auc: try column(EvaluationSchema.classAUC),
      aucReason: try strings(EvaluationSchema.classAUCReason, count: classes, in: group),
      recall: try column(EvaluationSchema.recall),
      precision: try column(EvaluationSchema.precision),
      f1: try column(EvaluationSchema.f1),
      support: try array(EvaluationSchema.support, of: Int64.self, shape: [classes], in: group).values.map { Int($0) })
  }

  /// A digest says that nothing has changed since it was written, not that it was right: what tables compute with is
  /// checked.
  fileprivate func check(_ results: SplitEvaluation, classes: Int) throws(ArtifactError) {
    let object = "/\(results.split.rawValue)"
    func refuse(_ name: String, _ expected: String, _ found: some Any) throws(ArtifactError) {
      throw ArtifactError.invalidValue(path: path, object: object + name, expected: expected, found: "\(found)")
    }
    let intervals = results.bootstrap
    for (name, share) in [
      (EvaluationSchema.auc, results.auc), (EvaluationSchema.accuracy, results.accuracy),
      (EvaluationSchema.majorityBaseline, results.majorityBaseline), (EvaluationSchema.aucLow, intervals.aucLow),
      (EvaluationSchema.aucHigh, intervals.aucHigh), (EvaluationSchema.accuracyLow, intervals.accuracyLow),
      (EvaluationSchema.accuracyHigh, intervals.accuracyHigh),
    ] where !share.isNaN && !(0...1).contains(share) { try refuse("@" + name, "a number from 0 to 1, or NaN", share) }
    if let label = (results.labels + results.predicted).first(where: { $0 >= classes }) {
      try refuse("/" + EvaluationSchema.labels, "labels below \(classes)", label)
    }
    if let count = (results.confusion + results.classes.support).first(where: { $0 < 0 || $0 > results.labels.count }) {
      try refuse("/" + EvaluationSchema.confusion, "counts up to \(results.labels.count)", count)
    }
    if !(0...Int(Int32.max)).contains(results.duplicatesOfTrain) {
      try refuse("@" + EvaluationSchema.duplicatesOfTrain, "a number of images", results.duplicatesOfTrain)
    }
  }
}
