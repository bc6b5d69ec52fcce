public import Datasets
public import Files
public import Metrics

/// An artifact of kind "sweep": many readings of the paper, each trained with many seeds on one dataset, in one file.
///
/// A run is what `train` and `evaluate` would give for its settings and its seed. Of each there are the scores of the test
/// images, from which every measure follows, and which epoch was selected; weights are not kept. A sweep that is not complete
/// is its own checkpoint.
public struct SweepArtifact: Sendable, Equatable {
  /// A reading: a point of the grid.
  public struct Point: Sendable, Equatable {
    /// Which value it has on each axis, `[A]`.
    public var levels: [Int]
    /// All its settings as canonical JSON, as a student's artifact records them.
    public var settings: String
    /// Trained numbers of its student.
    public var parameterCount: Int

    /// A point.
    public init(levels: [Int], settings: String, parameterCount: Int) {
      self.levels = levels
      self.settings = settings
      self.parameterCount = parameterCount
    }
  }

  /// What a training came to.
  public struct Run: Sendable, Equatable {
    /// The epoch selected, counted from 1.
    public var selectedEpoch: Int
    /// AUC on the validation split of that epoch; NaN where undefined.
    public var validationAUC: Double
    /// Accuracy there.
    public var validationAccuracy: Double
    /// Softmax scores of the test images, `[N, K]`.
    public var scores: [Float]

    /// A run.
    public init(selectedEpoch: Int, validationAUC: Double, validationAccuracy: Double, scores: [Float]) {
      self.selectedEpoch = selectedEpoch
      self.validationAUC = validationAUC
      self.validationAccuracy = validationAccuracy
      self.scores = scores
    }
  }

  /// What it says about itself; axes and values are in `configuration`.
  public var header: ArtifactHeader
  /// What the axes are called, `[A]`.
  public var axes: [String]
  /// The points, `[P]`.
  public var points: [Point]
  /// The seeds of each point, `[S]`.
  public var seeds: [UInt64]
  /// The number of classes K.
  public var classCount: Int
  /// The kind of task.
  public var task: ClassificationTask
  /// The true classes of the test images, `[N]`.
  public var labels: [Int]
  /// The runs by point and seed, `[P][S]`; nil for one that is not there yet.
  public var runs: [[Run?]]

  /// A sweep from its parts, in the order of the properties.
  /// - Precondition: `header.kind` is sweep; a place for a run of each point and seed.
  public init(
    header: ArtifactHeader, axes: [String], points: [Point], seeds: [UInt64], classCount: Int, task: ClassificationTask,
    labels: [Int], runs: [[Run?]]
  ) {
    precondition(header.kind == .sweep, "kind \(header.kind)")
    precondition(
      runs.count == points.count && runs.allSatisfy { $0.count == seeds.count }
        && points.allSatisfy { $0.levels.count == axes.count }, "a sweep of other points")
    self.header = header
    self.axes = axes
    self.points = points
    self.seeds = seeds
    self.classCount = classCount
    self.task = task
    self.labels = labels
    self.runs = runs
  }

  /// Whether every run is there.
  public var isComplete: Bool { runs.allSatisfy { $0.allSatisfy { $0 != nil } } }

  /// The measures of a run on the test split, without bootstrap intervals.
  /// - Throws: `EvaluationError`.
  public func evaluation(of run: Run) throws(EvaluationError) -> SplitEvaluation {
    try SplitEvaluation(
      of: .test, scores: run.scores, logits: nil, labels: labels, classCount: classCount, task: task,
      duplicatesOfTrain: 0,
      intervals: BootstrapIntervals(intervals: [:], undefinedReplicates: 0, settings: BootstrapSettings()))
  }

  /// Reads an artifact. Everything in it is checked: measures are computed again from scores and labels.
  /// - Returns: the sweep and its `content_sha256`.
  /// - Throws: `FileError`, `ArtifactError`, `HDF5Error`.
  public static func read(path: String) throws -> (sweep: SweepArtifact, contentSHA256: String) {
    let reader = try ArtifactReader(path: path, kind: .sweep)
    let root = reader.root
    func invalid(_ object: String, _ expected: String, _ found: String) -> ArtifactError {
      .invalidValue(path: path, object: "/\(object)", expected: expected, found: found)
    }
    let axes = try reader.strings(SweepSchema.axisNames, count: nil, in: root)
    let settings = try reader.strings(SweepSchema.settings, count: nil, in: root)
    let levels = try reader.array(
      SweepSchema.levels, of: Int64.self, shape: [settings.count, axes.count], in: root
    ).values
    let counts = try reader.array(
      SweepSchema.parameterCount, of: Int64.self, shape: [settings.count], in: root
    ).values
    let seeds = try reader.array(SweepSchema.seeds, of: Int64.self, shape: [nil], in: root).values
    guard (levels + counts + seeds).allSatisfy({ (0...Int64(Int32.max)).contains($0) }) else {
      throw invalid(SweepSchema.levels, "0 to \(Int32.max)", "another number")
    }
    guard !settings.isEmpty, !seeds.isEmpty else {
      throw invalid(SweepSchema.settings, "at least one point and one seed", "\(settings.count) and \(seeds.count)")
    }
    let task: ClassificationTask = try root.requiredWord(EvaluationSchema.task)
    let test = try root.group(Split.test.rawValue)
    let labels = try reader.array(EvaluationSchema.labels, of: UInt8.self, shape: [nil], in: test).values.map(Int.init)
    let shape = [settings.count, seeds.count]
    let done = try reader.array(SweepSchema.done, of: UInt8.self, shape: shape, in: root).values
    let epochs = try reader.array(SweepSchema.selectedEpoch, of: Int64.self, shape: shape, in: root).values
    let validation = try SweepSchema.validation.map {
      try reader.array($0, of: Double.self, shape: shape, in: root).values
    }
    let (scores, scoreShape) = try reader.array(
      EvaluationSchema.scores, of: Float.self, shape: shape + [labels.count, nil], in: test)
    let perRun = labels.count * scoreShape[3]
    let runs = settings.indices.map { point in
      seeds.indices.map { seed -> Run? in
        let place = point * seeds.count + seed
        guard done[place] == 1 else { return nil }
        return Run(
          selectedEpoch: Int(epochs[place]), validationAUC: validation[0][place],
          validationAccuracy: validation[1][place], scores: Array(scores[place * perRun..<(place + 1) * perRun]))
      }
    }
    let sweep = SweepArtifact(
      header: reader.header, axes: axes,
      points: settings.indices.map { point in
        Point(
          levels: levels[point * axes.count..<(point + 1) * axes.count].map { Int($0) }, settings: settings[point],
          parameterCount: Int(counts[point]))
      }, seeds: seeds.map { UInt64($0) }, classCount: scoreShape[3], task: task, labels: labels, runs: runs)
    for metric in Metric.allCases {
      let stored = try reader.array(metric.name, of: Double.self, shape: shape, in: test).values
      for (place, run) in runs.joined().enumerated() {
        guard let run else { continue }
        let found: Double
        do { found = try sweep.evaluation(of: run)[metric] } catch {
          throw invalid("test", "results of a model", "\(error)")
        }
        guard found == stored[place] || (found.isNaN && stored[place].isNaN) else {
          throw invalid("test/\(metric.name)", "\(found) at element \(place)", "\(stored[place])")
        }
      }
    }
    return (sweep, reader.contentSHA256)
  }

  /// Writes the artifact, replacing an earlier one at once.
  /// - Returns: its `content_sha256`.
  /// - Throws: `FileError`, `HDF5Error`.
  @discardableResult
  public func write(to path: String) throws -> String { try write(to: PendingFile(path: path)) }

  /// Writes the artifact to a target that was claimed before the work began.
  /// - Returns: its `content_sha256`.
  /// - Throws: `FileError`, `HDF5Error`.
  @discardableResult
  public func write(to target: consuming PendingFile) throws -> String {
    var writer = try ArtifactWriter.create(in: target, header: header)
    let root = writer.root
    try writer.addAttribute(EvaluationSchema.task, .text(task.rawValue), to: root)
    for (name, count) in [
      (SweepSchema.axis, axes.count), (SweepSchema.point, points.count), (SweepSchema.seed, seeds.count),
      (EvaluationSchema.classAxis, classCount),
    ] { try writer.addScale(name, count: count, in: root) }
    try writer.addStrings(SweepSchema.axisNames, axes, axis: SweepSchema.axis, longName: "choices", in: root)
    try writer.addStrings(
      SweepSchema.settings, points.map(\.settings), axis: SweepSchema.point, longName: "settings of each point",
      in: root)
    try writer.addArray(
      SweepSchema.levels, points.flatMap { $0.levels.map(Int64.init) }, shape: [points.count, axes.count],
      axes: [SweepSchema.point, SweepSchema.axis], longName: "number of the value of each choice", in: root)
    try writer.addArray(
      SweepSchema.parameterCount, points.map { Int64($0.parameterCount) }, shape: [points.count],
      axes: [SweepSchema.point], longName: "trained numbers", in: root)
    try writer.addArray(
      SweepSchema.seeds, seeds.map { Int64($0) }, shape: [seeds.count], axes: [SweepSchema.seed], longName: "seeds",
      in: root)
    let all = runs.flatMap(\.self)
    func add<Element: HDF5Element>(
      _ name: String, _ longName: String, in group: HDF5Group, _ value: (Run?) -> Element
    ) throws {
      try writer.addArray(
        name, all.map(value), shape: [points.count, seeds.count], axes: [SweepSchema.point, SweepSchema.seed],
        longName: longName, in: group)
    }
    try add(SweepSchema.done, "whether the run is there", in: root) { $0 == nil ? UInt8(0) : 1 }
    try add(SweepSchema.selectedEpoch, "epoch selected", in: root) { Int64($0?.selectedEpoch ?? 0) }
    try add(SweepSchema.validation[0], "validation AUC of that epoch", in: root) { $0?.validationAUC ?? .nan }
    try add(SweepSchema.validation[1], "validation accuracy of that epoch", in: root) { $0?.validationAccuracy ?? .nan }
    let test = try writer.addGroup(Split.test.rawValue, in: root)
    try writer.addScale(EvaluationSchema.sample, count: labels.count, in: test)
    try writer.addArray(
      EvaluationSchema.labels, labels.map { UInt8($0) }, shape: [labels.count], axes: [EvaluationSchema.sample],
      longName: "true class", in: test)
    let measured = try all.map { run in try run.map { try evaluation(of: $0) } }
    for metric in Metric.allCases {
      try writer.addArray(
        metric.name, measured.map { $0?[metric] ?? .nan }, shape: [points.count, seeds.count],
        axes: [SweepSchema.point, SweepSchema.seed], longName: metric.longName, in: test)
    }
    let missing = [Float](repeating: 0, count: labels.count * classCount)
    try writer.addArray(
      EvaluationSchema.scores, all.flatMap { $0?.scores ?? missing },
      shape: [points.count, seeds.count, labels.count, classCount],
      axes: [SweepSchema.point, SweepSchema.seed, EvaluationSchema.sample, EvaluationSchema.classAxis],
      longName: "softmax of the logits", in: test)
    return try writer.publish()
  }
}

/// Names in artifacts of kind "sweep".
enum SweepSchema {
  static let axis = "choice"
  static let point = "point"
  static let seed = "run"
  static let axisNames = "choices"
  static let settings = "settings"
  static let levels = "levels"
  static let parameterCount = "parameter_count"
  static let seeds = "seeds"
  static let done = "done"
  static let selectedEpoch = "selected_epoch"
  static let validation = ["val_auc", "val_accuracy"]
}
