public import Training
public import Files

/// A named array of numbers: weights, or running means and variances.
public struct NamedArray: Sendable, Equatable {
  /// Name: `blocks.0.attn.q.theta`.
  public var name: String
  /// Extent of each axis.
  public var shape: [Int]
  /// Elements in row-major order.
  public var values: [Float]

  /// An array.
  public init(name: String, shape: [Int], values: [Float]) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}

/// An artifact of kind "student": the weights of the selected epoch and how they came about.
public struct StudentArtifact: Sendable, Equatable {
  /// What it says about itself; the model and its training settings are in `configuration`.
  public var header: ArtifactHeader
  /// The weights, in the model's order.
  public var parameters: [NamedArray]
  /// The course of the training.
  public var history: [EpochRecord]
  /// The epoch the weights are from, counted from 1; 0 for the initial weights.
  public var selectedEpoch: Int

  /// Number of weights.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.values.count } }

  /// A student.
  /// - Precondition: `header.kind` is student.
  public init(
    header: ArtifactHeader, parameters: [NamedArray], history: [EpochRecord], selectedEpoch: Int
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
    let history = try reader.history(in: reader.root)
    let student = StudentArtifact(
      header: reader.header, parameters: parameters, history: history.records, selectedEpoch: history.selectedEpoch)
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
  mutating func add(_ parameters: [NamedArray]) throws {
    try addNamed(parameters, group: StudentSchema.parameters, scalesOf: parameters)
  }

  /// Adds named arrays as a group, and to the root the scales of the axes of `scalesOf`.
  mutating func addNamed(_ parameters: [NamedArray], group name: String, scalesOf all: [NamedArray]) throws {
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
}

extension ArtifactReader {
  /// The named arrays of a group, in the order they were written.
  func namedParameters(in group: HDF5Group) throws -> [NamedArray] {
    var parameters: [NamedArray] = []
    var total = 0
    for name in try group.memberNames() {
      let rank = try group.dataset(name).shape.count
      let (values, shape) = try array(name, of: Float.self, shape: [Int?](repeating: nil, count: rank), in: group)
      // One array can have many names.
      total += values.count * MemoryLayout<Float>.size
      try requireRoom(for: total, at: group.place)
      parameters.append(NamedArray(name: name, shape: shape, values: values))
    }
    return parameters
  }
}
