import Artifacts
import Datasets
import Testing
import _ArtifactSamples
import _TestSupport

@Suite struct RoundTrip {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test(arguments: [1, 3])
  func dataset(channels: Int) throws {
    let path = directory.file("data.h5")
    let digest = try Sample.writeDataset(to: path, channels: channels)
    let artifact = try DatasetArtifact(path: path)
    #expect(artifact.header == Sample.header(.dataset))
    #expect(artifact.contents == Sample.contents(channels: channels))
    #expect(artifact.contentSHA256 == digest)
    #expect(try artifact.duplicates().listed == Sample.duplicates)
    #expect(try artifact.duplicates().pairCount == 5)
    #expect(try artifact.manifest() == (channels == 1 ? [] : Sample.manifest(hasSlices: true)))
    for split in Split.allCases {
      let count = artifact.count(of: split)
      #expect(try artifact.labels(split) == Sample.labels(split))
      #expect(try artifact.images(split) == Sample.images(split, channels: channels))
      #expect(try artifact.statistics(split) == Sample.statistics(channels: channels, count: count))
    }
    #expect(try verify(path).contentSHA256 == digest)
    #expect(try directory.entries() == ["data.h5"])
  }

  @Test(arguments: [0..<1, 63..<65, 10..<10, 0..<70])
  func someImages(range: Range<Int>) throws {
    let path = directory.file("data.h5")
    try Sample.colourDataset.write(to: path)
    let artifact = try DatasetArtifact(path: path)
    var images = [UInt8](repeating: 1, count: range.count * artifact.imageSize)
    try images.withUnsafeMutableBufferPointer { try artifact.readImages(.train, range, into: $0) }
    let expected = range.flatMap { Sample.image($0, channels: 3) }
    #expect(images == expected)
  }

  @Test func largeImages() throws {
    let path = directory.file("data.h5")
    var header = Sample.header(.dataset)
    header.resolution = 224
    var contents = Sample.contents(channels: 3)
    contents.counts = [.train: 3, .val: 1, .test: 1]
    let images = (0..<(3 * 224 * 224 * 3)).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }
    var writer = try DatasetArtifactWriter(path: path, header: header, contents: contents)
    for split in Split.allCases {
      let count = split == .train ? 3 : 1
      try images.withUnsafeBufferPointer {
        try writer.appendImages(split, UnsafeBufferPointer(rebasing: $0[..<(count * 224 * 224 * 3)]), count: count)
      }
      try writer.finish(
        split, labels: [UInt8](repeating: 0, count: count), statistics: Sample.statistics(channels: 3, count: count))
    }
    _ = try writer.publish(duplicates: [], pairCount: 0)
    let artifact = try DatasetArtifact(path: path)
    #expect(try artifact.images(.train) == images)
    var image = [UInt8](repeating: 0, count: artifact.imageSize)
    try image.withUnsafeMutableBufferPointer { try artifact.readImages(.train, 1..<2, into: $0) }
    #expect(image == Array(images[artifact.imageSize..<(2 * artifact.imageSize)]))
    #expect(try artifact.duplicates().listed.isEmpty)
  }

  @Test(arguments: [Sample.student(), Sample.distilled()])
  func student(student: StudentArtifact) throws {
    let path = directory.file("student.h5")
    let digest = try student.write(to: path)
    let read = try StudentArtifact.read(path: path)
    #expect(read.student == student)
    #expect(read.contentSHA256 == digest)
    #expect(try verify(path).header == student.header)
  }

  /// A configuration beyond HDF5's limit of 64 kB for attributes in an object's header.
  @Test func longConfiguration() throws {
    let path = directory.file("student.h5")
    var student = Sample.student()
    student.header.configuration = #"{"pairs":""# + String(repeating: "x", count: 100_000) + #""}"#
    try student.write(to: path)
    #expect(try StudentArtifact.read(path: path).student == student)
    #expect(try verify(path).header == student.header)
  }

  @Test func evaluation() throws {
    let path = directory.file("evaluation.h5")
    let digest = try Sample.evaluation().write(to: path)
    let read = try EvaluationArtifact.read(path: path)
    #expect(read.evaluation == Sample.evaluation())
    #expect(read.contentSHA256 == digest)
    #expect(try verify(path).contentSHA256 == digest)
  }

  @Test func teacher() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("teacher.h5")
    let teacher = Sample.teacher()
    let digest = try teacher.write(to: path)
    let found = try TeacherArtifact.read(path: path)
    #expect(found.teacher == teacher)
    #expect(found.contentSHA256 == digest)
  }

  @Test func checkpoint() throws {
    let path = directory.file("student.ckpt.h5")
    let checkpoint = Sample.checkpoint()
    try checkpoint.write(to: path)
    #expect(try CheckpointArtifact.read(path: path, parameterCount: 3, statisticCount: 2) == checkpoint)
    #expect(throws: ArtifactError.wrongShape(path: path, object: "/parameters", expected: [4], found: [3])) {
      try CheckpointArtifact.read(path: path, parameterCount: 4, statisticCount: 2)
    }
  }

  @Test func notANumberComesBack() throws {
    let path = directory.file("evaluation.h5")
    var evaluation = Sample.evaluation()
    evaluation.splits[1].auc = .nan
    evaluation.splits[1].aucReason = "only one class"
    try evaluation.write(to: path)
    let read = try EvaluationArtifact.read(path: path).evaluation
    #expect(read.splits[1].auc.isNaN)
    #expect(read.splits[1].aucReason == "only one class")
  }

  @Test(arguments: Sample.allCases)
  func headerAlone(sample: Sample) throws {
    let path = directory.file("a.h5")
    let digest = try sample.write(to: path)
    #expect(try readHeader(path).contentSHA256 == digest)
    #expect(try readHeader(path).header.title == "BreastMNIST at 28 pixels, ünï")
  }

  @Test(arguments: Sample.allCases)
  func sameContentSameBytes(sample: Sample) throws {
    try sample.write(to: directory.file("first.h5"))
    try sample.write(to: directory.file("second.h5"))
    #expect(try bytes(directory.file("first.h5")) == bytes(directory.file("second.h5")))
  }

  /// Every attribute and every array counts in `content_sha256`.
  @Test func contentDigestSeesEveryChange() throws {
    var digests: Set<String> = []
    let base = Sample.student()
    var variants = [base, base, base, base, base, base]
    variants[1].parameters[2].values[5] += 1
    variants[2].header.seed = 3
    variants[3].selectedEpoch = 1
    variants[4].header.inputs[0].contentSHA256 = "00fe"
    variants[5].parameters[4].shape = [2, 8]
    for variant in variants { digests.insert(try variant.write(to: directory.file("a.h5"))) }
    #expect(digests.count == variants.count)
  }

  /// One artifact serves several threads at once.
  @Test func concurrentReaders() async throws {
    let path = directory.file("data.h5")
    try Sample.dataset.write(to: path)
    let artifact = try DatasetArtifact(path: path)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for start in 0..<35 {
        group.addTask {
          var image = [UInt8](repeating: 0, count: artifact.imageSize * 2)
          try image.withUnsafeMutableBufferPointer {
            try artifact.readImages(.train, (2 * start)..<(2 * start + 2), into: $0)
          }
          return image == Sample.image(2 * start, channels: 1) + Sample.image(2 * start + 1, channels: 1)
        }
      }
      for try await same in group { #expect(same) }
    }
  }
}
