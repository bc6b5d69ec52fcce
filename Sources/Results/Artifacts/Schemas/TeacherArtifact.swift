public import Training
public import Datasets
public import Files

/// A fine-tuned teacher, and what students learn from it: kind "teacher".
///
/// The students need only targets and classifier; parameters and statistics are there so that the teacher can be evaluated,
/// exported and looked at.
public struct TeacherArtifact: Sendable, Equatable {
  /// What it learned of the images of a split.
  public struct Targets: Sendable, Equatable {
    /// The labels of the images, `[N]`: by them a reader sees that its images are the same.
    public var labels: [UInt8]
    /// Penultimate vectors `[N, q]`.
    public var penultimate: [Float]
    /// Logits `[N, K]`.
    public var logits: [Float]

    /// The targets of a split.
    public init(labels: [UInt8], penultimate: [Float], logits: [Float]) {
      self.labels = labels
      self.penultimate = penultimate
      self.logits = logits
    }
  }

  /// What it is.
  public var header: ArtifactHeader
  /// The width q of the penultimate vector.
  public var width: Int
  /// The number of classes K.
  public var classes: Int
  /// Weights by timm's names.
  public var parameters: [NamedArray]
  /// Running means and variances by timm's names.
  public var statistics: [NamedArray]
  /// The classifier's weight `[K, q]` and bias `[K]`, which a distilled student takes over.
  public var classifier: (weight: [Float], bias: [Float])
  /// Targets of the training and validation split.
  public var targets: [Split: Targets]
  /// The course of the fine-tuning; no epochs if there was none.
  public var history: [EpochRecord]
  /// The epoch of the weights, from 1; 0 for those it began with.
  public var selectedEpoch: Int

  /// A teacher from its parts, in the order of the properties.
  /// - Precondition: `header.kind` is teacher.
  public init(
    header: ArtifactHeader, width: Int, classes: Int, parameters: [NamedArray], statistics: [NamedArray],
    classifier: (weight: [Float], bias: [Float]), targets: [Split: Targets], history: [EpochRecord],
    selectedEpoch: Int
  ) {
    precondition(header.kind == .teacher, "kind \(header.kind)")
    self.header = header
    self.width = width
    self.classes = classes
    self.parameters = parameters
    self.statistics = statistics
    self.classifier = classifier
    self.targets = targets
    self.history = history
    self.selectedEpoch = selectedEpoch
  }

  /// Equal in everything.
  public static func == (a: TeacherArtifact, b: TeacherArtifact) -> Bool {
    a.header == b.header && a.width == b.width && a.classes == b.classes && a.parameters == b.parameters
      && a.statistics == b.statistics && a.classifier == b.classifier && a.targets == b.targets
      && a.history == b.history && a.selectedEpoch == b.selectedEpoch
  }

  /// The splits that have targets.
  public static let targetSplits: [Split] = [.train, .val]

  /// Reads a teacher; everything in it is checked.
  /// - Returns: the teacher and its `content_sha256`.
  /// - Throws: `FileError`, `ArtifactError`, `HDF5Error`.
  public static func read(path: String) throws -> (teacher: TeacherArtifact, contentSHA256: String) {
    let reader = try ArtifactReader(path: path, kind: .teacher)
    let root = reader.root
    let width = try root.requiredInteger(TeacherSchema.width)
    let classes = try root.requiredInteger(TeacherSchema.classes)
    guard (1...4096).contains(width), (2...256).contains(classes) else {
      throw ArtifactError.invalidValue(
        path: path, object: "/", expected: "a width of 1 to 4096 and 2 to 256 classes", found: "\(width) and \(classes)"
      )
    }
    var targets: [Split: Targets] = [:]
    for split in targetSplits {
      let group = try root.group(TeacherSchema.targets).group(split.rawValue)
      let labels = try reader.array(TeacherSchema.labels, of: UInt8.self, shape: [nil], in: group).values
      targets[split] = Targets(
        labels: labels,
        penultimate: try reader.array(
          TeacherSchema.penultimate, of: Float.self, shape: [labels.count, width], in: group
        ).values,
        logits: try reader.array(TeacherSchema.logits, of: Float.self, shape: [labels.count, classes], in: group).values
      )
    }
    let classifier = try root.group(TeacherSchema.classifier)
    let history = try reader.history(in: root)
    let teacher = TeacherArtifact(
      header: reader.header, width: width, classes: classes,
      parameters: try reader.namedParameters(in: root.group(StudentSchema.parameters)),
      statistics: try reader.namedParameters(in: root.group(TeacherSchema.statistics)),
      classifier: (
        try reader.array(TeacherSchema.weight, of: Float.self, shape: [classes, width], in: classifier).values,
        try reader.array(TeacherSchema.bias, of: Float.self, shape: [classes], in: classifier).values
      ),
      targets: targets, history: history.records, selectedEpoch: history.selectedEpoch)
    return (teacher, reader.contentSHA256)
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
    var writer = try ArtifactWriter.create(in: target, header: header)
    try writer.addAttribute(TeacherSchema.width, .integer(width), to: writer.root)
    try writer.addAttribute(TeacherSchema.classes, .integer(classes), to: writer.root)
    try writer.addScale(TeacherSchema.component, count: width, in: writer.root)
    try writer.addScale(TeacherSchema.classAxis, count: classes, in: writer.root)
    try writer.add(parameters + statistics, split: parameters.count)
    let group = try writer.addGroup(TeacherSchema.classifier, in: writer.root)
    try writer.addArray(
      TeacherSchema.weight, classifier.weight, shape: [classes, width],
      axes: [TeacherSchema.classAxis, TeacherSchema.component], longName: "weight of the last layer", in: group)
    try writer.addArray(
      TeacherSchema.bias, classifier.bias, shape: [classes], axes: [TeacherSchema.classAxis],
      longName: "bias of the last layer", in: group)
    let all = try writer.addGroup(TeacherSchema.targets, in: writer.root)
    for split in Self.targetSplits {
      guard let found = targets[split] else { preconditionFailure("no targets of \(split)") }
      let group = try writer.addGroup(split.rawValue, in: all)
      let count = found.labels.count
      try writer.addScale(TeacherSchema.sample, count: count, in: group)
      try writer.addArray(
        TeacherSchema.labels, found.labels, shape: [count], axes: [TeacherSchema.sample],
        longName: "index of the class", in: group)
      try writer.addArray(
        TeacherSchema.penultimate, found.penultimate, shape: [count, width],
        axes: [TeacherSchema.sample, TeacherSchema.component], longName: "penultimate vector", in: group)
      try writer.addArray(
        TeacherSchema.logits, found.logits, shape: [count, classes],
        axes: [TeacherSchema.sample, TeacherSchema.classAxis], longName: "logits", in: group)
    }
    try writer.add(history, selectedEpoch: selectedEpoch)
    return try writer.publish()
  }
}

extension ArtifactWriter {
  /// Adds weights and behind them statistics, in groups of their own; `split` is the number of weights.
  fileprivate mutating func add(_ named: [NamedArray], split: Int) throws {
    try addNamed(Array(named[..<split]), group: StudentSchema.parameters, scalesOf: named)
    try addNamed(Array(named[split...]), group: TeacherSchema.statistics, scalesOf: [])
  }
}

/// Names in artifacts of kind "teacher"; parameters and history are those of a student.
enum TeacherSchema {
  static let width = "penultimate_width"
  static let classes = "classes"
  static let component = "component"
  static let classAxis = "class"
  static let sample = "sample"
  static let statistics = "statistics"
  static let classifier = "classifier"
  static let weight = "weight"
  static let bias = "bias"
  static let targets = "targets"
  static let labels = "labels"
  static let penultimate = "penultimate"
  static let logits = "logits"
}
