public import Files

/// A named array of weights.
public struct NamedParameter: Sendable, Equatable {
  /// Name: `blocks.0.attn.q.theta`.
  public var name: String
  /// Extent of each axis.
  public var shape: [Int]
  /// Elements in row-major order.
  public var values: [Float]

  /// An array of weights.
  public init(name: String, shape: [Int], values: [Float]) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}

/// The course of a training, one element per epoch. What a regime does not measure is nil.
public struct TrainingHistory: Sendable, Equatable {
  /// Mean loss over the images of the epoch.
  public var trainLoss: [Double]
  /// Accuracy over the images of the epoch, before each step.
  public var trainAccuracy: [Double]?
  /// Mean loss on the validation split.
  public var validationLoss: [Double]?
  /// AUC on the validation split.
  public var validationAUC: [Double]?
  /// Accuracy on the validation split.
  public var validationAccuracy: [Double]?
  /// Learning rate.
  public var learningRate: [Double]
  /// Training images seen in the epoch.
  public var images: [Int]

  /// A history.
  public init(
    trainLoss: [Double], trainAccuracy: [Double]? = nil, validationLoss: [Double]? = nil,
    validationAUC: [Double]? = nil, validationAccuracy: [Double]? = nil, learningRate: [Double], images: [Int]
  ) {
    self.trainLoss = trainLoss
    self.trainAccuracy = trainAccuracy
    self.validationLoss = validationLoss
    self.validationAUC = validationAUC
    self.validationAccuracy = validationAccuracy
    self.learningRate = learningRate
    self.images = images
  }
}

/// An artifact of kind "student": the weights of the selected epoch and how they came about.
public struct StudentArtifact: Sendable, Equatable {
  /// What it says about itself; the model and its training settings are in `configuration`.
  public var header: ArtifactHeader
  /// The weights, in the model's order.
  public var parameters: [NamedParameter]
  /// The course of the training.
  public var history: TrainingHistory
  /// The epoch the weights are from, counted from 1; 0 for the initial weights.
  public var selectedEpoch: Int

  /// Number of weights.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.values.count } }

  /// A student.
  /// - Precondition: `header.kind` is student.
  public init(
    header: ArtifactHeader, parameters: [NamedParameter], history: TrainingHistory, selectedEpoch: Int
  ) {
    precondition(header.kind == .student, "kind \(header.kind)")
    self.header = header
    self.parameters = parameters
    self.history = history
    self.selectedEpoch = selectedEpoch
  }

  /// Reads an artifact; everything in it is checked.
  /// - Returns: the student and its `content_sha256`.
  /// - Throws: `FileError`, `ArtifactError`, `HDF5Error`.
  public static func read(path: String) throws -> (student: StudentArtifact, contentSHA256: String) {
    let reader = try ArtifactReader(path: path, kind: .student)
    let group = try reader.root.group(StudentSchema.parameters)
    let parameters = try reader.namedParameters(in: group)
    let history = try reader.history(in: reader.root.group(StudentSchema.history))
    let student = StudentArtifact(
      header: reader.header, parameters: parameters, history: history.values, selectedEpoch: history.selectedEpoch)
    let count = try group.requiredInteger(StudentSchema.parameterCount)
    guard count == student.parameterCount else {
      throw ArtifactError.invalidValue(
        path: path, object: group.place.attribute(StudentSchema.parameterCount).object,
        expected: "\(student.parameterCount)", found: "\(count)")
    }
    return (student, reader.contentSHA256)
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
    try writer.add(parameters)
    try writer.add(history, selectedEpoch: selectedEpoch)
    return try writer.publish()
  }
}

extension ArtifactWriter {
  /// Adds weights, each axis named after its place and extent.
  mutating func add(_ parameters: [NamedParameter]) throws {
    try addNamed(parameters, group: StudentSchema.parameters, scalesOf: parameters)
  }

  /// Adds named arrays as a group, and to the root the scales of the axes of `scalesOf`.
  mutating func addNamed(_ parameters: [NamedParameter], group name: String, scalesOf all: [NamedParameter]) throws {
    var scales: Set<String> = []
    for parameter in all {
      for (axis, extent) in parameter.shape.enumerated()
      where scales.insert(StudentSchema.axis(axis, extent: extent)).inserted {
        try addScale(StudentSchema.axis(axis, extent: extent), count: extent, in: root)
      }
    }
    let group = try addGroup(name, in: root)
    try addAttribute(
      StudentSchema.parameterCount, .integer(parameters.reduce(0) { $0 + $1.values.count }), to: group)
    for parameter in parameters {
      try addArray(
        parameter.name, parameter.values, shape: parameter.shape,
        axes: parameter.shape.enumerated().map { StudentSchema.axis($0, extent: $1) }, longName: parameter.name,
        in: group)
    }
  }

  /// Adds the course of a training.
  mutating func add(_ history: TrainingHistory, selectedEpoch: Int) throws {
    let group = try addGroup(StudentSchema.history, in: root)
    try addAttribute(StudentSchema.selectedEpoch, .integer(selectedEpoch), to: group)
    let epochs = history.trainLoss.count
    try addScale(StudentSchema.epoch, count: epochs, first: 1, in: group)
    let columns: [(name: String, values: [Double]?, longName: String)] = [
      (StudentSchema.trainLoss, history.trainLoss, "mean training loss"),
      (StudentSchema.trainAccuracy, history.trainAccuracy, "training accuracy"),
      (StudentSchema.validationLoss, history.validationLoss, "mean validation loss"),
      (StudentSchema.validationAUC, history.validationAUC, "validation AUC"),
      (StudentSchema.validationAccuracy, history.validationAccuracy, "validation accuracy"),
      (StudentSchema.learningRate, history.learningRate, "learning rate"),
    ]
    for case (let name, let values?, let longName) in columns {
      try addArray(name, values, shape: [epochs], axes: [StudentSchema.epoch], longName: longName, in: group)
    }
    try addArray(
      StudentSchema.images, history.images.map(Int64.init), shape: [epochs], axes: [StudentSchema.epoch],
      longName: "training images seen", in: group)
  }
}

extension ArtifactReader {
  /// The named arrays of a group, in the order they were written.
  func namedParameters(in group: HDF5Group) throws -> [NamedParameter] {
    var parameters: [NamedParameter] = []
    var total = 0
    for name in try group.memberNames() {
      let rank = try group.dataset(name).shape.count
      let (values, shape) = try array(name, of: Float.self, shape: [Int?](repeating: nil, count: rank), in: group)
      // One array can have many names.
      total += values.count * MemoryLayout<Float>.size
      try requireRoom(for: total, at: group.place)
      parameters.append(NamedParameter(name: name, shape: shape, values: values))
    }
    return parameters
  }

  /// The course of a training.
  func history(in group: HDF5Group) throws -> (values: TrainingHistory, selectedEpoch: Int) {
    let trainLoss = try array(StudentSchema.trainLoss, of: Double.self, shape: [nil], in: group).values
    let epochs = trainLoss.count
    func column(_ name: String) throws -> [Double] {
      try array(name, of: Double.self, shape: [epochs], in: group).values
    }
    func optionalColumn(_ name: String) throws -> [Double]? { try group.contains(name) ? column(name) : nil }
    let selectedEpoch = try group.requiredInteger(StudentSchema.selectedEpoch)
    guard (0...epochs).contains(selectedEpoch) else {
      throw ArtifactError.invalidValue(
        path: path, object: group.place.attribute(StudentSchema.selectedEpoch).object, expected: "0 to \(epochs)",
        found: "\(selectedEpoch)")
    }
    let history = TrainingHistory(
      trainLoss: trainLoss,
      trainAccuracy: try optionalColumn(StudentSchema.trainAccuracy),
      validationLoss: try optionalColumn(StudentSchema.validationLoss),
      validationAUC: try optionalColumn(StudentSchema.validationAUC),
      validationAccuracy: try optionalColumn(StudentSchema.validationAccuracy),
      learningRate: try column(StudentSchema.learningRate),
      images: try array(StudentSchema.images, of: Int64.self, shape: [epochs], in: group).values.map { Int($0) })
    return (history, selectedEpoch)
  }
}
