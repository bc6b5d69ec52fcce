import CHDF5
import Datasets
import Failures
import Files
import Testing
import Training
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
    try writer.add([], selectedEpoch: 0)
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

  /// Thousands of attributes, each of which is looked up by its name.
  @Test func manyAttributes() throws {
    try writeStudent { group in
      for number in 0..<4_000 { try group.setAttribute("attribute \(number)", .integer(number)) }
    }
    let began = ContinuousClock.now
    expectRefusal("/parameters: expected at most 256 attributes, found 4001") { try verify($0) }
    #expect(ContinuousClock.now - began < .seconds(10))
  }

  /// Counts of images that are added up and printed.
  @Test(arguments: [-1, Int.max, Int.min]) func countsOfImages(count: Int) throws {
    let right = Sample.statistics(channels: 1, count: 70)
    for part in 0..<3 {
      var writer = try DatasetArtifactWriter(
        path: path, header: Sample.header(.dataset), contents: Sample.contents(channels: 1))
      for split in Split.allCases {
        let images = Sample.images(split, channels: 1)
        let number = Sample.counts[split, default: 0]
        try images.withUnsafeBufferPointer { _ = try writer.appendImages(split, $0, count: number) }
        let statistics =
          split != .train
          ? Sample.statistics(channels: 1, count: number)
          : SplitStatistics(
            classCounts: part == 0 ? [count, 70] : right.classCounts, channels: right.channels,
            blankImages: part == 1 ? count : 0, duplicateImages: part == 2 ? [.train: count] : [:])
        try writer.finish(split, labels: Sample.labels(split), statistics: statistics)
      }
      _ = try writer.publish(duplicates: [], pairCount: 0)
      expectRefusal("/train") { _ = try DatasetArtifact(path: $0).statistics(.train) }
    }
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
    for change in [\TrainingState.epoch, \.step, \.correct] {
      var checkpoint = Sample.checkpoint()
      checkpoint.state[keyPath: change] = steps
      try checkpoint.write(to: path)
      expectRefusal("expected 0 to 2147483647, found \(steps)") {
        _ = try CheckpointArtifact.read(path: $0, like: Sample.state())
      }
    }
  }

  /// Sets a number in an artifact and seals it anew, as somebody who means harm could.
  private func forge(_ object: String, _ attribute: String, _ number: Double) throws {
    let raw = directory.file("raw.h5")
    try write(Array(bytes(path).dropLast(FileSeal.size)), to: raw)
    let isInteger = attribute.hasPrefix("duplicates") || attribute.hasSuffix("count")
    let file = H5Fopen(raw, 1, hid_t(H5P_DEFAULT))
    let place = H5Oopen(file, object, hid_t(H5P_DEFAULT))
    let type = isInteger ? hdf5_type_int64() : hdf5_type_float64()
    // HDF5 1.10 cannot write to an attribute of many; it can make it anew.
    #expect(H5Adelete(place, attribute) >= 0)
    let status =
      isInteger
      ? withUnsafeBytes(of: Int64(number)) { hdf5_write_attribute(place, attribute, type, $0.baseAddress) }
      : withUnsafeBytes(of: number) { hdf5_write_attribute(place, attribute, type, $0.baseAddress) }
    #expect(status >= 0)
    H5Oclose(place)
    H5Fclose(file)
    let pending = try PendingFile(path: path)
    try bytes(raw).withUnsafeBytes { try pending.write($0) }
    try FileSeal.close(pending)
    try pending.publish()
  }

  /// Ends of intervals that tables could not print, numbers of images and parameters that there cannot be.
  @Test(
    arguments: [
      ("/test", "auc_high", 1.5, "expected a number from 0 to 1, or NaN, found 1.5"),
      ("/test", "accuracy_low", -0.1, "expected a number from 0 to 1, or NaN, found -0.1"),
      ("/test", "accuracy_high", 1e300, "expected a number from 0 to 1, or NaN, found 1e+300"),
      ("/val", "auc_high", 0.25, "/val@auc_low: expected at most 0.25, found "),
      ("/val", "duplicates_of_train", 7, "/val@duplicates_of_train: expected 0 to 6, found 7"),
      ("/", "parameter_count", -1, "/@parameter_count: expected 0 to 1000000000000, found -1"),
    ] as [(String, String, Double, String)])
  func anEvaluation(object: String, attribute: String, number: Double, message: String) throws {
    try Sample.evaluation().write(to: path)
    try forge(object, attribute, number)
    expectRefusal(message) { _ = try EvaluationArtifact.read(path: $0) }
  }

  /// What follows from scores and labels must be what is stored: an AUC, an accuracy, a baseline of other scores is refused.
  @Test(arguments: ["auc", "accuracy", "majority_baseline", "bootstrap_level"])
  func aMeasureOfOtherScores(attribute: String) throws {
    try Sample.evaluation().write(to: path)
    _ = try EvaluationArtifact.read(path: path)
    try forge("/val", attribute, 0.4375)
    expectRefusal("/val@\(attribute): expected ") { _ = try EvaluationArtifact.read(path: $0) }
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
