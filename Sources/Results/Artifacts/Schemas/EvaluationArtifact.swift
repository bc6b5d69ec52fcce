public import Datasets
public import Files
public import Metrics
import Statistics
public import Training

/// An artifact of kind "evaluation": what a model scored on a dataset.
public struct EvaluationArtifact: Sendable, Equatable {
  /// What it says about itself.
  public var header: ArtifactHeader
  /// Class names, `[K]`.
  public var classNames: [String]
  /// Number of trained numbers of the model; 0 where it is not known.
  public var parameterCount: Int
  /// The course of the model's training; empty for a model made elsewhere.
  public var history: [EpochRecord]
  /// The epoch the model's weights are from, counted from 1.
  public var selectedEpoch: Int
  /// Results on each split evaluated.
  public var splits: [SplitEvaluation]

  /// An evaluation.
  /// - Precondition: `header.kind` is evaluation; all results are of as many classes as there are names.
  public init(
    header: ArtifactHeader, classNames: [String], parameterCount: Int, history: [EpochRecord], selectedEpoch: Int,
    splits: [SplitEvaluation]
  ) {
    precondition(header.kind == .evaluation, "kind \(header.kind)")
    precondition(splits.allSatisfy { $0.classCount == classNames.count }, "results of other classes")
    self.header = header
    self.classNames = classNames
    self.parameterCount = parameterCount
    self.history = history
    self.selectedEpoch = selectedEpoch
    self.splits = splits
  }

  /// The results on a split; nil if it was not evaluated.
  public subscript(split: Split) -> SplitEvaluation? { splits.first { $0.split == split } }

  /// Reads an artifact. Everything in it is checked: what follows from scores and labels is computed again and must be what
  /// is stored.
  /// - Returns: the evaluation and its `content_sha256`.
  /// - Throws: `FileError`, `ArtifactError`, `HDF5Error`.
  public static func read(path: String) throws -> (evaluation: EvaluationArtifact, contentSHA256: String) {
    let reader = try ArtifactReader(path: path, kind: .evaluation)
    let root = reader.root
    let classNames = try reader.strings(EvaluationSchema.classNames, count: nil, in: root)
    let task: ClassificationTask = try root.requiredWord(EvaluationSchema.task)
    let splits = try Split.allCases.filter { try root.contains($0.rawValue) }
      .map { try reader.evaluation(of: $0, classes: classNames.count, task: task) }
    let parameterCount = try root.requiredInteger(EvaluationSchema.parameterCount)
    guard (0...EvaluationSchema.largestParameterCount).contains(parameterCount) else {
      throw ArtifactError.invalidValue(
        path: path, object: root.place.attribute(EvaluationSchema.parameterCount).object,
        expected: "0 to \(EvaluationSchema.largestParameterCount)", found: "\(parameterCount)")
    }
    let history = try reader.history(in: root)
    let evaluation = EvaluationArtifact(
      header: reader.header, classNames: classNames, parameterCount: parameterCount, history: history.records,
      selectedEpoch: history.selectedEpoch, splits: splits)
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
  /// - Precondition: there are results, all of one task.
  @discardableResult
  public func write(to target: consuming PendingFile) throws -> String {
    let classes = classNames.count
    guard let task = splits.first?.task else { preconditionFailure("no split was evaluated") }
    var writer = try ArtifactWriter.create(in: target, header: header)
    try writer.addAttribute(EvaluationSchema.task, .text(task.rawValue), to: writer.root)
    try writer.addAttribute(EvaluationSchema.parameterCount, .integer(parameterCount), to: writer.root)
    for axis in [EvaluationSchema.classAxis, EvaluationSchema.trueClass, EvaluationSchema.predictedClass] {
      try writer.addScale(axis, count: classes, in: writer.root)
    }
    try writer.addScale(EvaluationSchema.metric, count: Metric.allCases.count, in: writer.root)
    try writer.addStrings(
      EvaluationSchema.classNames, classNames, axis: EvaluationSchema.classAxis, longName: "names of the classes",
      in: writer.root)
    for split in splits { try writer.add(split) }
    try writer.add(history, selectedEpoch: selectedEpoch)
    return try writer.publish()
  }
}

/// A column of the per-class measures.
private struct ClassColumn {
  let name: String
  let longName: String
  let value: KeyPath<ClassMeasures, Double>

  static var all: [ClassColumn] {
    [
      ClassColumn(name: EvaluationSchema.classAUC, longName: "AUC of the class against the rest", value: \.auc),
      ClassColumn(name: EvaluationSchema.recall, longName: "recall", value: \.recall),
      ClassColumn(name: EvaluationSchema.precision, longName: "precision", value: \.precision),
      ClassColumn(name: EvaluationSchema.f1, longName: "F1", value: \.f1),
    ]
  }
}

extension SplitEvaluation {
  /// Everything about a split that is one number or one text.
  fileprivate var attributes: [(name: String, value: HDF5Value)] {
    var attributes: [(String, HDF5Value)] = [
      (EvaluationSchema.count, .integer(imageCount)),
      (EvaluationSchema.aucReason, .text(undefinedAUC.map(\.description).joined(separator: "; "))),
      (EvaluationSchema.majorityBaseline, .number(majorityBaseline)),
      (EvaluationSchema.duplicatesOfTrain, .integer(duplicatesOfTrain)),
      (EvaluationSchema.bootstrapLevel, .number(BootstrapIntervals.level)),
      (EvaluationSchema.bootstrapReplicates, .integer(bootstrap.settings.replicates)),
      (EvaluationSchema.bootstrapSeed, .integer(Int(bitPattern: UInt(bootstrap.settings.seed)))),
      (EvaluationSchema.undefinedReplicates, .integer(bootstrap.undefinedReplicates)),
    ]
    for metric in Metric.allCases {
      attributes += [
        (metric.name, .number(self[metric])), (EvaluationSchema.low(metric), .number(bootstrap[metric]?.low ?? .nan)),
        (EvaluationSchema.high(metric), .number(bootstrap[metric]?.high ?? .nan)),
      ]
    }
    return attributes
  }

  /// The metrics and their intervals as arrays, in the order of `Metric.allCases`.
  fileprivate var metricColumns: [(name: String, values: [Double], longName: String)] {
    let metrics = Metric.allCases
    return [
      (EvaluationSchema.metricValue, metrics.map { self[$0] }, "values of the metrics"),
      (EvaluationSchema.metricLow, metrics.map { bootstrap[$0]?.low ?? .nan }, "lower ends of their intervals"),
      (EvaluationSchema.metricHigh, metrics.map { bootstrap[$0]?.high ?? .nan }, "upper ends of their intervals"),
    ]
  }

  /// Why each class has no AUC; empty where it has one.
  fileprivate var classAUCReasons: [String] {
    classes.indices.map { index in undefinedAUC.first { $0.classIndex == index }?.description ?? "" }
  }
}

extension ArtifactWriter {
  fileprivate mutating func add(_ results: SplitEvaluation) throws {
    let group = try addGroup(results.split.rawValue, in: root)
    let (count, classes) = (results.imageCount, results.classCount)
    let sampleAndClass = [EvaluationSchema.sample, EvaluationSchema.classAxis]
    try addScale(EvaluationSchema.sample, count: count, in: group)
    for attribute in results.attributes { try addAttribute(attribute.name, attribute.value, to: group) }
    try addArray(
      EvaluationSchema.scores, results.scores, shape: [count, classes], axes: sampleAndClass,
      longName: results.logits == nil ? "scores" : "softmax of the logits", in: group)
    if let logits = results.logits {
      try addArray(
        EvaluationSchema.logits, logits, shape: [count, classes], axes: sampleAndClass, longName: "logits", in: group)
    }
    try addArray(
      EvaluationSchema.labels, results.labels.map { UInt8($0) }, shape: [count], axes: [EvaluationSchema.sample],
      longName: "true class", in: group)
    try addArray(
      EvaluationSchema.predicted, results.predictions.map { UInt8($0) }, shape: [count],
      axes: [EvaluationSchema.sample], longName: "class of the highest score", in: group)
    try addArray(
      EvaluationSchema.confusion, results.confusion.counts.map(Int64.init), shape: [classes, classes],
      axes: [EvaluationSchema.trueClass, EvaluationSchema.predictedClass],
      longName: "images by true and predicted class", in: group)
    for column in ClassColumn.all {
      try addArray(
        column.name, results.classes.map { $0[keyPath: column.value] }, shape: [classes],
        axes: [EvaluationSchema.classAxis], longName: column.longName, in: group)
    }
    try addStrings(
      EvaluationSchema.classAUCReason, results.classAUCReasons, axis: EvaluationSchema.classAxis,
      longName: "why the AUC is NaN", in: group)
    try addArray(
      EvaluationSchema.support, results.classes.map { Int64($0.support) }, shape: [classes],
      axes: [EvaluationSchema.classAxis], longName: "images of the class", in: group)

    let metrics = Metric.allCases
    try addStrings(
      EvaluationSchema.metricName, metrics.map(\.name), axis: EvaluationSchema.metric, longName: "names of the metrics",
      in: group)
    for column in results.metricColumns {
      try addArray(
        column.name, column.values, shape: [metrics.count], axes: [EvaluationSchema.metric], longName: column.longName,
        in: group)
    }
  }
}

extension ArtifactReader {
  /// The results on a split. A digest says that nothing has changed since it was written, not that it was right: what follows
  /// from scores and labels is compared with what is stored.
  fileprivate func evaluation(of split: Split, classes: Int, task: ClassificationTask) throws -> SplitEvaluation {
    let group = try root.group(split.rawValue)
    let labels = try array(EvaluationSchema.labels, of: UInt8.self, shape: [nil], in: group).values
    let count = labels.count
    func scores(_ name: String) throws -> [Float] {
      try array(name, of: Float.self, shape: [count, classes], in: group).values
    }
    let duplicates = try group.requiredInteger(EvaluationSchema.duplicatesOfTrain)
    guard (0...count).contains(duplicates) else {
      throw invalid(group, "@" + EvaluationSchema.duplicatesOfTrain, "0 to \(count)", "\(duplicates)")
    }
    let results: SplitEvaluation
    do {
      results = try SplitEvaluation(
        of: split, scores: try scores(EvaluationSchema.scores),
        logits: try group.contains(EvaluationSchema.logits) ? try scores(EvaluationSchema.logits) : nil,
        labels: labels.map(Int.init), classCount: classes, task: task, duplicatesOfTrain: duplicates,
        intervals: try bootstrap(in: group))
    } catch let error as EvaluationError {
      throw invalid(group, "", "results of a model", "\(error)")
    }
    try compare(results, in: group)
    return results
  }

  private func bootstrap(in group: HDF5Group) throws -> BootstrapIntervals {
    var intervals: [Metric: Interval] = [:]
    for metric in Metric.allCases {
      let ends = try [EvaluationSchema.low(metric), EvaluationSchema.high(metric)].map { name in
        let end = try group.requiredNumber(name)
        guard end.isNaN || (0...1).contains(end) else {
          throw invalid(group, "@" + name, "a number from 0 to 1, or NaN", "\(end)")
        }
        return end
      }
      guard ends[0].isNaN == ends[1].isNaN, ends[0].isNaN || ends[0] <= ends[1] else {
        throw invalid(group, "@" + EvaluationSchema.low(metric), "at most \(ends[1])", "\(ends[0])")
      }
      if !ends[0].isNaN { intervals[metric] = Interval(low: ends[0], high: ends[1]) }
    }
    let replicates = try group.requiredInteger(EvaluationSchema.bootstrapReplicates)
    let undefined = try group.requiredInteger(EvaluationSchema.undefinedReplicates)
    guard replicates >= 1, (0...replicates).contains(undefined) else {
      throw invalid(group, "@" + EvaluationSchema.bootstrapReplicates, "at least 1", "\(replicates)")
    }
    return BootstrapIntervals(
      intervals: intervals, undefinedReplicates: undefined,
      settings: BootstrapSettings(
        replicates: replicates,
        seed: UInt64(UInt(bitPattern: try group.requiredInteger(EvaluationSchema.bootstrapSeed)))))
  }

  /// - Throws: `ArtifactError` for the first stored value that is not the one that follows from scores and labels.
  private func compare(_ results: SplitEvaluation, in group: HDF5Group) throws {
    func require<Element: HDF5Element & Equatable>(
      _ name: String, _ expected: [Element], shape: [Int], isSame: (Element, Element) -> Bool
    ) throws {
      let found = try array(name, of: Element.self, shape: shape, in: group).values
      for (place, pair) in zip(expected, found).enumerated() where !isSame(pair.0, pair.1) {
        throw invalid(group, "/\(name)", "\(pair.0) at element \(place)", "\(pair.1)")
      }
    }
    func isSame(_ a: Double, _ b: Double) -> Bool { a == b || (a.isNaN && b.isNaN) }
    for (name, expected) in results.attributes {
      let found = try group.attribute(name)
      let same =
        switch (found, expected) {
        case (.number(let a)?, .number(let b)): isSame(a, b)
        default: found == expected
        }
      guard same else {
        throw invalid(group, "@" + name, expected.canonicalText, found?.canonicalText ?? "nothing")
      }
    }
    let (count, classes) = (results.imageCount, results.classCount)
    try require(EvaluationSchema.predicted, results.predictions.map { UInt8($0) }, shape: [count], isSame: ==)
    try require(
      EvaluationSchema.confusion, results.confusion.counts.map(Int64.init), shape: [classes, classes], isSame: ==)
    for column in ClassColumn.all {
      try require(column.name, results.classes.map { $0[keyPath: column.value] }, shape: [classes], isSame: isSame)
    }
    try require(EvaluationSchema.support, results.classes.map { Int64($0.support) }, shape: [classes], isSame: ==)
    let metrics = Metric.allCases
    guard try strings(EvaluationSchema.metricName, count: metrics.count, in: group) == metrics.map(\.name) else {
      throw invalid(
        group, "/" + EvaluationSchema.metricName, metrics.map(\.name).joined(separator: ", "), "other metrics")
    }
    for column in results.metricColumns {
      try require(column.name, column.values, shape: [metrics.count], isSame: isSame)
    }
  }

  private func invalid(
    _ group: HDF5Group, _ name: String, _ expected: String, _ found: String
  ) -> ArtifactError {
    .invalidValue(path: path, object: group.place.object + name, expected: expected, found: found)
  }
}
