import Artifacts
import Datasets
import Metrics
import Testing
import Training
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
        _ = try writer.appendImages(split, UnsafeBufferPointer(rebasing: $0[..<(count * 224 * 224 * 3)]), count: count)
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
    #expect(same(read.student, student))
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

  /// Equal in everything; NaN, which stands for what is not measured, equals NaN.
  private func same<Value>(_ a: Value, _ b: Value) -> Bool { "\(a)" == "\(b)" }

  @Test func evaluation() throws {
    let path = directory.file("evaluation.h5")
    let written = try Sample.evaluation()
    let digest = try written.write(to: path)
    let read = try EvaluationArtifact.read(path: path)
    let found = read.evaluation
    #expect(found.header == written.header && found.classNames == written.classNames)
    #expect(found.parameterCount == written.parameterCount && found.selectedEpoch == written.selectedEpoch)
    #expect(same(found.history, written.history))
    #expect(found.splits.count == 2)
    for (found, written) in zip(found.splits, written.splits) {
      #expect(found.split == written.split && found.task == written.task && found.classCount == 3)
      #expect(found.labels == written.labels && found.predictions == written.predictions)
      #expect(found.logits == written.logits && found.scores == written.scores)
      #expect(found.duplicatesOfTrain == 3 && found.confusion == written.confusion)
      #expect(found.majorityClass == written.majorityClass && found.majorityBaseline == written.majorityBaseline)
      #expect(same(found.classes, written.classes) && same(found.undefinedAUC, written.undefinedAUC))
      #expect(Metric.allCases.allSatisfy { same(found[$0], written[$0]) })
      #expect(found.bootstrap == written.bootstrap)
    }
    #expect(found[.test]?[.auc].isNaN == true && found[.val]?[.auc] != found[.val]?[.accuracy])
    #expect(read.contentSHA256 == digest)
    #expect(try verify(path).contentSHA256 == digest)
  }

  @Test func scoresFromElsewhereHaveNoLogits() throws {
    let path = directory.file("evaluation.h5")
    var written = try Sample.evaluation()
    written.splits = [
      try SplitEvaluation(
        of: .test, scores: [0.5, 0.25, 0.25, 0.1, 0.8, 0.1, 0, 0.25, 0.75], labels: [0, 1, 2], classCount: 3,
        task: .multiClass, bootstrap: BootstrapSettings(replicates: 20))
    ]
    written.history = []
    written.selectedEpoch = 0
    try written.write(to: path)
    let read = try EvaluationArtifact.read(path: path).evaluation
    #expect(read == written)
    #expect(read[.test]?.logits == nil && read[.val] == nil)
  }

  /// Validation images of one class only have no AUC, and an accuracy all the same.
  @Test func aCourseWithoutAUC() throws {
    let path = directory.file("student.h5")
    var written = Sample.student()
    for epoch in written.history.indices { written.history[epoch].validationAUC = .nan }
    try written.write(to: path)
    #expect(same(try StudentArtifact.read(path: path).student.history, written.history))
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
    let start = TrainingState(parameters: [0, 0, 0], statistics: [0, 0], settings: Sample.state().optimizer.settings)
    #expect(same(try CheckpointArtifact.read(path: path, like: start), checkpoint))
    let other = TrainingState(parameters: [0, 0, 0, 0], statistics: [0, 0], settings: Adam<Float>.Settings())
    #expect(throws: ArtifactError.wrongShape(path: path, object: "/parameters", expected: [4], found: [3])) {
      try CheckpointArtifact.read(path: path, like: other)
    }
  }

  /// A training that is stopped after every step, saved, and read again goes on as one that is not.
  @Test func aResumedOptimiserTakesTheSameSteps() throws {
    let path = directory.file("student.ckpt.h5")
    var settings = Adam<Float>.Settings()
    settings.beta1 = 0.8
    settings.beta2 = 0.95
    let start = TrainingState(parameters: [1, -2, 3], settings: settings)
    var (straight, resumed) = (start, start)
    for step in 0..<12 {
      let gradient: [Float] = [Float(step) - 4, 0.5 * Float(step % 3), -1]
      straight.optimizer.step(&straight.parameters, gradient: gradient, learningRate: 0.01)
      try CheckpointArtifact(header: Sample.header(.checkpoint, model: Sample.qvit(.scratch)), state: resumed)
        .write(to: path)
      resumed = try CheckpointArtifact.read(path: path, like: start).state
      resumed.optimizer.step(&resumed.parameters, gradient: gradient, learningRate: 0.01)
    }
    #expect(resumed.parameters == straight.parameters)
    #expect(resumed.optimizer.secondMoment == straight.optimizer.secondMoment)
    #expect(resumed.optimizer.steps == 12)
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
