/// The state of a training that was interrupted: kind "checkpoint". Its header is that of the student it will become, so
/// that a reader can tell whether it belongs to the command at hand.
public struct CheckpointArtifact: Sendable, Equatable {
  /// What its file name ends in, in the place of the artifact's `.h5` beside which it stands.
  public static let suffix = ".ckpt.h5"

  /// What it is, with kind checkpoint.
  public var header: ArtifactHeader
  /// Parameters `[P]`.
  public var parameters: [Float]
  /// What the model gathers beside its parameters; empty for students.
  public var statistics: [Float]
  /// Adam's first moment `[P]`.
  public var firstMoment: [Float]
  /// Adam's second moment `[P]`.
  public var secondMoment: [Float]
  /// Adam's steps.
  public var optimizerSteps: Int
  /// The epoch under way, from 0.
  public var epoch: Int
  /// Its steps taken.
  public var step: Int
  /// Σ loss · images of those steps.
  public var lossSum: Double
  /// Right answers of those steps.
  public var correct: Int
  /// The best epoch so far from 1, or 0.
  public var bestEpoch: Int
  /// Its validation AUC.
  public var bestAUC: Double
  /// Its parameters `[P]`; zeros if there is none.
  public var bestParameters: [Float]
  /// Its statistics; zeros if there is none.
  public var bestStatistics: [Float]
  /// The epochs completed.
  public var history: TrainingHistory

  /// A checkpoint from its parts, in the order of the properties.
  /// - Precondition: `header.kind` is checkpoint.
  public init(
    header: ArtifactHeader, parameters: [Float], statistics: [Float], firstMoment: [Float], secondMoment: [Float],
    optimizerSteps: Int, epoch: Int, step: Int, lossSum: Double, correct: Int, bestEpoch: Int, bestAUC: Double,
    bestParameters: [Float], bestStatistics: [Float], history: TrainingHistory
  ) {
    precondition(header.kind == .checkpoint, "kind \(header.kind)")
    self.header = header
    self.parameters = parameters
    self.statistics = statistics
    self.firstMoment = firstMoment
    self.secondMoment = secondMoment
    self.optimizerSteps = optimizerSteps
    self.epoch = epoch
    self.step = step
    self.lossSum = lossSum
    self.correct = correct
    self.bestEpoch = bestEpoch
    self.bestAUC = bestAUC
    self.bestParameters = bestParameters
    self.bestStatistics = bestStatistics
    self.history = history
  }

  /// Reads a checkpoint of P parameters and so many statistics; everything in it is checked.
  /// - Throws: `FileError`, `ArtifactError`, `HDF5Error`.
  public static func read(path: String, parameterCount: Int, statisticCount: Int) throws -> CheckpointArtifact {
    let reader = try ArtifactReader(path: path, kind: .checkpoint)
    let root = reader.root
    func vector(_ name: String, _ count: Int? = nil) throws -> [Float] {
      try reader.array(name, of: Float.self, shape: [count ?? parameterCount], in: root).values
    }
    let history = try reader.history(in: root.group(StudentSchema.history))
    func count(_ name: String) throws -> Int {
      let value = try root.requiredInteger(name)
      guard (0...Int(Int32.max)).contains(value) else {
        throw ArtifactError.invalidValue(
          path: path, object: root.place.attribute(name).object, expected: "0 to \(Int32.max)", found: "\(value)")
      }
      return value
    }
    return CheckpointArtifact(
      header: reader.header, parameters: try vector(CheckpointSchema.parameters),
      statistics: try vector(CheckpointSchema.statistics, statisticCount),
      firstMoment: try vector(CheckpointSchema.firstMoment), secondMoment: try vector(CheckpointSchema.secondMoment),
      optimizerSteps: try count(CheckpointSchema.optimizerSteps), epoch: try count(CheckpointSchema.epoch),
      step: try count(CheckpointSchema.step),
      lossSum: try root.requiredNumber(CheckpointSchema.lossSum),
      correct: try count(CheckpointSchema.correct), bestEpoch: history.selectedEpoch,
      bestAUC: try root.requiredNumber(CheckpointSchema.bestAUC),
      bestParameters: try vector(CheckpointSchema.bestParameters),
      bestStatistics: try vector(CheckpointSchema.bestStatistics, statisticCount), history: history.values)
  }

  /// Writes the checkpoint, replacing an earlier one at once.
  /// - Throws: `FileError`, `HDF5Error`.
  public func write(to path: String) throws {
    var writer = try ArtifactWriter.create(path: path, header: header)
    let attributes: [(String, HDF5Value)] = [
      (CheckpointSchema.optimizerSteps, .integer(optimizerSteps)), (CheckpointSchema.epoch, .integer(epoch)),
      (CheckpointSchema.step, .integer(step)), (CheckpointSchema.lossSum, .number(lossSum)),
      (CheckpointSchema.correct, .integer(correct)), (CheckpointSchema.bestAUC, .number(bestAUC)),
    ]
    for (name, value) in attributes { try writer.addAttribute(name, value, to: writer.root) }
    try writer.addScale(CheckpointSchema.parameter, count: parameters.count, in: writer.root)
    try writer.addScale(CheckpointSchema.statistic, count: statistics.count, in: writer.root)
    // Numbers like these hardly shrink, and deflating a teacher's takes seconds.
    let vectors: [(String, [Float], String)] = [
      (CheckpointSchema.parameters, parameters, "parameters"),
      (CheckpointSchema.firstMoment, firstMoment, "Adam's first moment"),
      (CheckpointSchema.secondMoment, secondMoment, "Adam's second moment"),
      (CheckpointSchema.bestParameters, bestParameters, "parameters of the best epoch"),
    ]
    for (name, values, longName) in vectors {
      try writer.addArray(
        name, values, shape: [values.count], axes: [CheckpointSchema.parameter], longName: longName, in: writer.root,
        deflate: 0)
    }
    for (name, values, longName) in [
      (CheckpointSchema.statistics, statistics, "running means and variances"),
      (CheckpointSchema.bestStatistics, bestStatistics, "running means and variances of the best epoch"),
    ] {
      try writer.addArray(
        name, values, shape: [values.count], axes: [CheckpointSchema.statistic], longName: longName, in: writer.root,
        deflate: 0)
    }
    try writer.add(history, selectedEpoch: bestEpoch)
    _ = try writer.publish()
  }
}

/// Names in artifacts of kind "checkpoint"; the history's are those of a student.
enum CheckpointSchema {
  static let parameter = "parameter"
  static let statistic = "statistic"
  static let statistics = "statistics"
  static let bestStatistics = "best_statistics"
  static let parameters = "parameters"
  static let firstMoment = "first_moment"
  static let secondMoment = "second_moment"
  static let bestParameters = "best_parameters"
  static let optimizerSteps = "optimizer_steps"
  static let epoch = "epoch_under_way"
  static let step = "step"
  static let lossSum = "loss_sum"
  static let correct = "correct"
  static let bestAUC = "best_auc"
}
