public import Training

/// The state of a training that was interrupted: kind "checkpoint". Its header is that of the student it will become, so
/// that a reader can tell whether it belongs to the command at hand.
public struct CheckpointArtifact: Sendable {
  /// What its file name ends in, in the place of the artifact's `.h5` beside which it stands.
  public static let suffix = ".ckpt.h5"

  /// What it is, with kind checkpoint.
  public var header: ArtifactHeader
  /// Everything the training needs to go on.
  public var state: TrainingState

  /// A checkpoint.
  /// - Precondition: `header.kind` is checkpoint.
  public init(header: ArtifactHeader, state: TrainingState) {
    precondition(header.kind == .checkpoint, "kind \(header.kind)")
    self.header = header
    self.state = state
  }

  /// Reads a checkpoint whose state has as many parameters and statistics as `start`, and its optimiser's settings; everything
  /// in it is checked.
  /// - Throws: `FileError`, `ArtifactError`, `HDF5Error`.
  public static func read(path: String, like start: TrainingState) throws -> CheckpointArtifact {
    let reader = try ArtifactReader(path: path, kind: .checkpoint)
    let root = reader.root
    func vector(_ name: String, _ count: Int) throws -> [Float] {
      try reader.array(name, of: Float.self, shape: [count], in: root).values
    }
    func count(_ name: String) throws -> Int {
      let value = try root.requiredInteger(name)
      guard (0...Int(Int32.max)).contains(value) else {
        throw ArtifactError.invalidValue(
          path: path, object: root.place.attribute(name).object, expected: "0 to \(Int32.max)", found: "\(value)")
      }
      return value
    }
    let (parameters, statistics) = (start.parameters.count, start.statistics.count)
    let history = try reader.history(in: root)
    var state = start
    state.parameters = try vector(CheckpointSchema.parameters, parameters)
    state.statistics = try vector(CheckpointSchema.statistics, statistics)
    state.optimizer = Adam(
      firstMoment: try vector(CheckpointSchema.firstMoment, parameters),
      secondMoment: try vector(CheckpointSchema.secondMoment, parameters),
      steps: try count(CheckpointSchema.optimizerSteps), settings: start.optimizer.settings)
    state.epoch = try count(CheckpointSchema.epoch)
    state.step = try count(CheckpointSchema.step)
    state.lossSum = try root.requiredNumber(CheckpointSchema.lossSum)
    state.correct = try count(CheckpointSchema.correct)
    let best = Selected(
      epoch: history.selectedEpoch - 1, auc: try root.requiredNumber(CheckpointSchema.bestAUC),
      parameters: try vector(CheckpointSchema.bestParameters, parameters),
      statistics: try vector(CheckpointSchema.bestStatistics, statistics))
    state.best = history.selectedEpoch > 0 ? best : nil
    state.history = history.records
    return CheckpointArtifact(header: reader.header, state: state)
  }

  /// Writes the checkpoint, replacing an earlier one at once.
  /// - Throws: `FileError`, `HDF5Error`.
  public func write(to path: String) throws {
    var writer = try ArtifactWriter.create(path: path, header: header)
    let optimizer = state.optimizer
    let attributes: [(String, HDF5Value)] = [
      (CheckpointSchema.optimizerSteps, .integer(optimizer.steps)), (CheckpointSchema.epoch, .integer(state.epoch)),
      (CheckpointSchema.step, .integer(state.step)), (CheckpointSchema.lossSum, .number(state.lossSum)),
      (CheckpointSchema.correct, .integer(state.correct)), (CheckpointSchema.bestAUC, .number(state.best?.auc ?? 0)),
    ]
    for (name, value) in attributes { try writer.addAttribute(name, value, to: writer.root) }
    try writer.addScale(CheckpointSchema.parameter, count: state.parameters.count, in: writer.root)
    try writer.addScale(CheckpointSchema.statistic, count: state.statistics.count, in: writer.root)
    func zeros(_ count: Int) -> [Float] { [Float](repeating: 0, count: count) }
    // Numbers like these hardly shrink, and deflating a teacher's takes seconds.
    let vectors: [(name: String, values: [Float], axis: String, longName: String)] = [
      (CheckpointSchema.parameters, state.parameters, CheckpointSchema.parameter, "parameters"),
      (CheckpointSchema.firstMoment, optimizer.firstMoment, CheckpointSchema.parameter, "Adam's first moment"),
      (CheckpointSchema.secondMoment, optimizer.secondMoment, CheckpointSchema.parameter, "Adam's second moment"),
      (
        CheckpointSchema.bestParameters, state.best?.parameters ?? zeros(state.parameters.count),
        CheckpointSchema.parameter, "parameters of the best epoch"
      ),
      (CheckpointSchema.statistics, state.statistics, CheckpointSchema.statistic, "running means and variances"),
      (
        CheckpointSchema.bestStatistics, state.best?.statistics ?? zeros(state.statistics.count),
        CheckpointSchema.statistic, "running means and variances of the best epoch"
      ),
    ]
    for vector in vectors {
      try writer.addArray(
        vector.name, vector.values, shape: [vector.values.count], axes: [vector.axis], longName: vector.longName,
        in: writer.root, deflate: 0)
    }
    try writer.add(state.history, selectedEpoch: state.best.map { $0.epoch + 1 } ?? 0)
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
