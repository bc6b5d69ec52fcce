import CHDF5
import Datasets
import Failures
import Testing
import _ArtifactSamples
import _TestSupport

@testable import Artifacts

/// Files that are whole, sealed and good HDF5, and say what no artifact says: refused, never a crash or a hang.
@Suite struct HostileArtifacts {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private var path: String { directory.file("a.h5") }

  private func failure(_ read: (String) throws -> Void) -> (any Failure)? {
    do {
      try read(path)
      return nil
    } catch { return error as? any Failure }
  }

  private func expectRefusal(_ text: String, _ read: (String) throws -> Void) {
    let failure = failure(read)
    #expect(failure?.kind == .badData)
    #expect(failure?.description.contains(text) == true, "\(failure?.description ?? "accepted")")
  }

  /// A student with something more, or something else, in it.
  private func writeStudent(_ change: (HDF5Group) throws -> Void) throws {
    var writer = try ArtifactWriter.create(path: path, header: Sample.header(.student))
    let group = try writer.addGroup(StudentSchema.parameters, in: writer.root)
    try writer.addAttribute(StudentSchema.parameterCount, .integer(0), to: group)
    try change(group)
    try writer.add(TrainingHistory(trainLoss: [], learningRate: [], images: []), selectedEpoch: 0)
    _ = try writer.publish()
  }

  /// An array without axes has no rows to be read.
  @Test(arguments: [H5S_SCALAR, H5S_NULL]) func anArrayWithoutAxes(space: H5S_class_t) throws {
    try writeStudent { group in
      _ = try HDF5Library.call(.create, group.place) {
        let shape = H5Screate(space)
        let dataset = H5Dcreate2(group.identifier.number, "scalar", hdf5_type_float32(), shape, 0, 0, 0)
        hdf5_release(dataset)
        hdf5_release(shape)
        return dataset
      }
    }
    expectRefusal("/parameters/scalar: expected shape [any], found []") { _ = try StudentArtifact.read(path: $0) }
    expectRefusal("/parameters/scalar: expected shape [any], found []") { try verify($0) }
  }

  /// A group that lies in itself has no end.
  @Test func aGroupWithinItself() throws {
    try writeStudent { group in
      try HDF5Library.call(.create, group.place) {
        H5Lcreate_hard(group.identifier.number, ".", group.identifier.number, "self", 0, 0)
      }
    }
    expectRefusal("expected at most 100000 objects on 8 levels, found more") { try verify($0) }
  }

  /// Links that lead elsewhere, also out of the file, are not followed.
  @Test(arguments: ["soft", "external"]) func aLink(kind: String) throws {
    try writeStudent { group in
      try HDF5Library.call(.create, group.place) {
        kind == "soft"
          ? H5Lcreate_soft("/inputs/input", group.identifier.number, "link", 0, 0)
          : H5Lcreate_external("/etc/passwd", "/", group.identifier.number, "link", 0, 0)
      }
    }
    expectRefusal("/parameters/link is missing") { _ = try StudentArtifact.read(path: $0) }
    expectRefusal("/parameters/link: expected a group or a dataset, found another object") { try verify($0) }
  }

  /// One array under many names would take its memory as often.
  @Test func oneArrayUnderManyNames() throws {
    var writer = try ArtifactWriter.create(path: path, header: Sample.header(.student))
    let count = 1 << 20
    try writer.addScale("element", count: count, in: writer.root)
    let group = try writer.addGroup(StudentSchema.parameters, in: writer.root)
    try writer.addArray(
      "zeros", [Float](repeating: 0, count: count), shape: [count], axes: ["element"], longName: "", in: group)
    for number in 0..<2000 {
      try HDF5Library.call(.create, group.place) {
        H5Lcreate_hard(group.identifier.number, "zeros", group.identifier.number, "zeros\(number)", 0, 0)
      }
    }
    _ = try writer.publish()
    expectRefusal("/parameters: expected at most what ") { _ = try StudentArtifact.read(path: $0) }
  }

  /// A dataset artifact with other numbers of channels and classes than there can be.
  @Test(
    arguments: [
      (2, ["a", "b"], "1 or 3 channels"), (4, ["a", "b"], "1 or 3 channels"),
      (1, (0..<257).map { "\($0)" }, "/class_names: expected 1 to 256 classes, found 257"),
      (1, [], "/class_names: expected 1 to 256 classes, found 0"),
    ])
  func aDataset(channels: Int, classNames: [String], message: String) throws {
    var contents = Sample.contents(channels: 1)
    contents.channels = channels
    contents.classNames = classNames
    var writer = try ArtifactWriter.create(path: path, header: Sample.header(.dataset))
    try writer.add(contents, resolution: 28)
    _ = try writer.publish()
    expectRefusal(message) { _ = try DatasetArtifact(path: $0) }
  }

  /// Images that no file of this size holds: refused when the artifact is opened, before anything is made for them.
  @Test func imagesBeyondTheFile() throws {
    var writer = try ArtifactWriter.create(path: path, header: Sample.header(.dataset))
    try writer.add(Sample.contents(channels: 1), resolution: 28)
    for split in Split.allCases {
      let group = try writer.addGroup(split.rawValue, in: writer.root)
      _ = try group.createDataset(
        DatasetSchema.images, of: UInt8.self, shape: [1 << 40, 28, 28, 1], chunk: [64, 28, 28, 1], deflate: 1)
    }
    _ = try writer.publish()
    expectRefusal("/train/images: expected at most what ") { _ = try DatasetArtifact(path: $0) }
  }

  /// Numbers that loops and indices would be made from.
  @Test(arguments: [-1, Int(Int32.max) + 1, Int.max, Int.min]) func aCheckpoint(steps: Int) throws {
    for change in [\CheckpointArtifact.optimizerSteps, \.epoch, \.step, \.correct] {
      var checkpoint = Sample.checkpoint()
      checkpoint[keyPath: change] = steps
      try checkpoint.write(to: path)
      expectRefusal("expected 0 to 2147483647, found \(steps)") {
        _ = try CheckpointArtifact.read(path: $0, parameterCount: 3, statisticCount: 2)
      }
    }
  }

  /// Measures that tables could not print.
  @Test(arguments: [-0.1, 1.5, 1e300, .infinity] as [Double]) func anEvaluation(measure: Double) throws {
    for change in [\SplitEvaluation.auc, \.accuracy, \.bootstrap.aucHigh, \.bootstrap.accuracyLow] {
      var evaluation = Sample.evaluation()
      evaluation.splits[1][keyPath: change] = measure
      try evaluation.write(to: path)
      expectRefusal("expected a number from 0 to 1, or NaN, found \(measure)") {
        _ = try EvaluationArtifact.read(path: $0)
      }
    }
    var evaluation = Sample.evaluation()
    evaluation.splits[0].labels[1] = 2
    try evaluation.write(to: path)
    expectRefusal("/val/labels: expected labels below 2, found 2") { _ = try EvaluationArtifact.read(path: $0) }
  }

  // MARK: Every array carries its checksums

  /// Every array of every kind of artifact has the digest of its content, and a Fletcher-32 checksum on every chunk; one
  /// without elements has no chunk.
  @Test(arguments: Sample.allCases) func everyArrayHasItsChecksums(sample: Sample) throws {
    try sample.write(to: path)
    let reader = try ArtifactReader(path: path, kind: nil)
    var arrays = 0
    func check(_ group: HDF5Group) throws {
      for name in try group.memberNames() {
        if try group.kind(of: name) == .group {
          try check(group.group(name))
          continue
        }
        let dataset = try group.dataset(name)
        arrays += 1
        guard case .text(let digest)? = try dataset.attribute(HeaderSchema.sha256) else {
          Issue.record("\(dataset.place.object) has no digest")
          continue
        }
        #expect(digest.utf8.count == 64)
        // Images lie in one piece, with a SHA-256 each.
        guard !dataset.shape.contains(0), !dataset.place.object.hasSuffix("/\(DatasetSchema.images)") else { continue }
        let hasFletcher = try HDF5Library.call(.read, dataset.place) {
          let creation = H5Dget_create_plist(dataset.identifier.number)
          defer { hdf5_release(creation) }
          let filters = (0..<max(0, H5Pget_nfilters(creation))).map {
            H5Pget_filter2(creation, UInt32($0), nil, nil, nil, 0, nil, nil)
          }
          return filters.contains(3) ? 1 : 0  // H5Z_FILTER_FLETCHER32
        }
        #expect(hasFletcher == 1, "\(dataset.place.object)")
      }
    }
    try check(reader.root)
    #expect(arrays >= 10)
  }
}
