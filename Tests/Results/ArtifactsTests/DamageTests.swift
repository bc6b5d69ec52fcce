import Datasets
import Failures
import Files
import Glibc
import Testing
import _ArtifactSamples
import _TestSupport

@testable import Artifacts

/// Files that are not what they should be: one clear line, the right exit code, nothing half-written.
@Suite struct Damage {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// The failure of reading `path` as every kind of reader would.
  private func failure(_ path: String, _ read: (String) throws -> Void) -> (any Failure)? {
    do {
      try read(path)
      return nil
    } catch { return error as? any Failure }
  }

  private func isRefused(_ path: String, kind: FailureKind, containing text: String) {
    let readers: [(String) throws -> Void] = [
      { _ = try DatasetArtifact(path: $0) }, { _ = try StudentArtifact.read(path: $0) },
      { _ = try EvaluationArtifact.read(path: $0) }, { _ = try readHeader($0) }, { try verify($0) },
    ]
    for read in readers {
      let failure = failure(path, read)
      #expect(failure?.kind == kind)
      #expect(failure?.description.contains(text) == true, "\(failure?.description ?? "no failure")")
      #expect(failure?.description.hasPrefix(path) == true)
      #expect(failure?.description.contains("\n") == false)
    }
  }

  @Test func noFile() { isRefused(directory.file("none.h5"), kind: .missingInput, containing: "No such file") }

  @Test func aDirectory() { isRefused(directory.path, kind: .missingInput, containing: "Is a directory") }

  @Test(arguments: [
    ("", "an empty file"), ("h", "no HDF5 file"), ("not an artifact, only a text\n", "no HDF5 file"),
    ("\u{89}HDF\r\n\u{1a}\n", "no HDF5 file"),
  ])
  func aText(text: String, message: String) throws {
    try write(Array(text.utf8), to: directory.file("text.h5"))
    isRefused(directory.file("text.h5"), kind: .badData, containing: message)
  }

  @Test func onlyASignature() throws {
    try write([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], to: directory.file("a.h5"))
    isRefused(directory.file("a.h5"), kind: .badData, containing: "damaged or changed")
  }

  /// Sealed, but no HDF5 behind the signature: the library itself refuses.
  @Test func sealedNonsense() throws {
    let pending = try PendingFile(path: directory.file("a.h5"))
    let nonsense: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3, 4]
    try write(nonsense, to: pending.temporaryPath)
    try FileSeal.close(pending)
    try pending.publish()
    isRefused(directory.file("a.h5"), kind: .badData, containing: "cannot open file: HDF5: ")
  }

  @Test(arguments: Sample.allCases)
  func truncated(sample: Sample) throws {
    let path = directory.file("a.h5")
    try sample.write(to: path)
    let whole = try bytes(path)
    for length in [whole.count - 1, whole.count - 78, whole.count - 79, whole.count / 2, 96, 48, 9] {
      try write(Array(whole.prefix(length)), to: path)
      isRefused(path, kind: .badData, containing: "damaged or changed")
    }
    try write(whole + [0], to: path)
    isRefused(path, kind: .badData, containing: "damaged or changed")
  }

  @Test(arguments: Sample.allCases)
  func anotherKind(sample: Sample) throws {
    let path = directory.file("a.h5")
    try sample.write(to: path)
    let readers: [(Sample, (String) throws -> Void)] = [
      (.dataset, { _ = try DatasetArtifact(path: $0) }), (.student, { _ = try StudentArtifact.read(path: $0) }),
      (.evaluation, { _ = try EvaluationArtifact.read(path: $0) }),
    ]
    let kind = try readHeader(path).header.kind.rawValue
    for (reader, read) in readers where reader.rawValue != kind {
      let failure = failure(path, read)
      #expect(
        failure as? ArtifactError == .wrongKind(path: path, expected: reader.rawValue, found: kind))
      #expect(failure?.kind == .badData)
    }
  }

  /// Any byte changed is seen, in every kind of artifact; sampled to keep the test short.
  @Test(arguments: Sample.allCases)
  func oneByteFlipped(sample: Sample) throws {
    let path = directory.file("a.h5")
    try sample.write(to: path)
    let whole = try bytes(path)
    let descriptor = open(path, O_RDWR)
    defer { close(descriptor) }
    var silent: [Int] = []
    var flips = 0
    let step = max(1, whole.count / 250) | 1
    // The seal at the end and the superblock at the start entirely, the rest in steps.
    let offsets =
      Array(0..<64) + Array(stride(from: 64, to: whole.count - 78, by: step)) + Array(whole.count - 78..<whole.count)
    for offset in offsets {
      var byte = whole[offset] ^ UInt8(1 << (flips % 8))
      pwrite(descriptor, &byte, 1, off_t(offset))
      if failure(path, { try verify($0) }) == nil { silent.append(offset) }
      byte = whole[offset]
      pwrite(descriptor, &byte, 1, off_t(offset))
      flips += 1
    }
    #expect(silent.isEmpty)
    #expect(flips > 350)
    try verify(path)
  }

  @Test(
    arguments: [
      ([("format", .text("else"))], "an HDF5 file of another program"),
      ([("kind", .text("dataset"))], "an HDF5 file of another program"),
      ([("format", .text("qvit"))], "/@format_version is missing"),
      (
        [("format", .text("qvit")), ("format_version", .integer(1))],
        "expected format version 4, found 1: made by an earlier version; remove it and make it again"
      ),
      ([("format", .text("qvit")), ("format_version", .text("3"))], "/@format_version: expected an int64"),
      (
        [("format", .text("qvit")), ("format_version", .integer(4))], "was never finished; remove it and make it again"
      ),
      (
        [("format", .text("qvit")), ("format_version", .integer(4)), ("complete", .integer(0))],
        "was never finished; remove it and make it again"
      ),
      (
        [
          ("format", .text("qvit")), ("format_version", .integer(4)), ("complete", .integer(1)),
          ("kind", .text("poem")),
        ], "/@kind: expected dataset, student, teacher, evaluation, sweep, checkpoint, found poem"
      ),
    ] as [([(String, HDF5Value)], String)])
  func anotherHeader(attributes: [(String, HDF5Value)], message: String) throws {
    let path = directory.file("a.h5")
    let pending = try PendingFile(path: path)
    let file = try HDF5File.create(in: pending)
    for (name, value) in attributes { try file.root.setAttribute(name, value) }
    try file.close()
    try FileSeal.close(pending)
    try pending.publish()
    isRefused(path, kind: .badData, containing: message)
  }

  /// An evaluation with one thing wrong, finished and sealed like a good one.
  private func evaluation(_ change: (inout ArtifactWriter, HDF5Group) throws -> Void) throws -> (any Failure)? {
    let path = directory.file("a.h5")
    var writer = try ArtifactWriter.create(path: path, header: Sample.header(.evaluation))
    try writer.addAttribute(EvaluationSchema.parameterCount, .integer(1), to: writer.root)
    try writer.addAttribute(EvaluationSchema.task, .text("binary-class"), to: writer.root)
    try writer.addScale(EvaluationSchema.classAxis, count: 2, in: writer.root)
    try writer.addStrings(
      EvaluationSchema.classNames, ["a", "b"], axis: EvaluationSchema.classAxis, longName: "", in: writer.root)
    let group = try writer.addGroup(Split.test.rawValue, in: writer.root)
    try writer.addScale(EvaluationSchema.sample, count: 3, in: group)
    try writer.addAttribute(EvaluationSchema.duplicatesOfTrain, .integer(0), to: group)
    try change(&writer, group)
    _ = try writer.publish()
    return failure(path) { _ = try EvaluationArtifact.read(path: $0) }
  }

  @Test func aMissingArray() throws {
    let failure = try evaluation { _, _ in }
    #expect(failure as? ArtifactError == .missing(path: directory.file("a.h5"), object: "/test/labels"))
  }

  @Test func anotherType() throws {
    let failure = try evaluation { writer, group in
      try writer.addArray(
        EvaluationSchema.labels, [0, 1, 0] as [Int32], shape: [3], axes: [EvaluationSchema.sample], longName: "",
        in: group)
    }
    #expect(
      failure as? ArtifactError
        == .wrongType(path: directory.file("a.h5"), object: "/test/labels", expected: "uint8", found: "int32"))
  }

  @Test func anotherShape() throws {
    let failure = try evaluation { writer, group in
      try writer.addArray(
        EvaluationSchema.labels, [0, 1, 0] as [UInt8], shape: [3], axes: [EvaluationSchema.sample], longName: "",
        in: group)
      try writer.addArray(
        EvaluationSchema.scores, [0, 1, 0] as [Float], shape: [3], axes: [EvaluationSchema.sample], longName: "",
        in: group)
    }
    #expect(
      failure as? ArtifactError
        == .wrongShape(path: directory.file("a.h5"), object: "/test/scores", expected: [3, 2], found: [3]))
  }

  @Test func anotherDigest() throws {
    let failure = try evaluation { writer, group in
      let labels = try group.createDataset(
        EvaluationSchema.labels, of: UInt8.self, shape: [3], chunk: [3], deflate: 0)
      try labels.setAttribute("sha256", .text("00"))
    }
    guard case .digestMismatch(_, "/test/labels", "00", _) = failure as? ArtifactError else {
      Issue.record("\(String(describing: failure))")
      return
    }
  }

  /// An array of 2⁴⁰ elements in a file of a few kilobytes: refused before any memory is taken.
  @Test func aHugeShape() throws {
    let failure = try evaluation { writer, group in
      _ = try group.createDataset(
        EvaluationSchema.labels, of: UInt8.self, shape: [1 << 40], chunk: [1 << 20], deflate: 1)
    }
    guard case .invalidValue(_, "/test/labels", _, "shape [1099511627776]") = failure as? ArtifactError else {
      Issue.record("\(String(describing: failure))")
      return
    }
  }

  @Test(arguments: [0, -28, 1 << 40, Int.max])
  func anImpossibleResolution(resolution: Int) throws {
    let path = directory.file("a.h5")
    var header = Sample.header(.dataset)
    header.resolution = resolution
    var writer = try ArtifactWriter.create(path: path, header: header)
    try writer.add(Sample.contents(channels: 1), resolution: 28)
    _ = try writer.publish()
    let failure = failure(path) { _ = try DatasetArtifact(path: $0) }
    #expect(failure?.description.contains("expected at most 4096 pixels") == true)
  }

  @Test func aLabelOutOfRange() throws {
    let path = directory.file("a.h5")
    var contents = Sample.contents(channels: 1)
    contents.classNames = ["only one"]
    contents.task = .multiClass
    var writer = try ArtifactWriter.create(path: path, header: Sample.header(.dataset))
    try writer.add(contents, resolution: 28)
    for split in Split.allCases {
      let group = try writer.addGroup(split.rawValue, in: writer.root)
      try writer.addScale(DatasetSchema.sample, count: 1, in: group)
      var images = try writer.beginArray(
        DatasetSchema.images, of: UInt8.self, shape: [1, 28, 28, 1],
        axes: [DatasetSchema.sample, DatasetSchema.y, DatasetSchema.x, DatasetSchema.channel], storage: .apart,
        longName: "", in: group)
      try [UInt8](repeating: 0, count: 784).withUnsafeBytes { try images.append($0) }
      try writer.finish(images)
      try writer.addArray(
        DatasetSchema.imageSHA256, [UInt8](repeating: 0, count: 32), shape: [1, 32],
        axes: [DatasetSchema.sample, DatasetSchema.digestByte], longName: "", in: group)
      try writer.addArray(
        DatasetSchema.labels, [1] as [UInt8], shape: [1], axes: [DatasetSchema.sample], longName: "", in: group)
    }
    _ = try writer.publish()
    let artifact = try DatasetArtifact(path: path)
    #expect(
      throws: ArtifactError.invalidValue(
        path: path, object: "/train/labels", expected: "labels below 1", found: "1")
    ) { try artifact.labels(.train) }
  }
}

/// A dataset's images are checked one by one as they are read.
@Suite struct DamagedImages {
  let directory: TemporaryDirectory
  let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.file("a.h5")
    try Sample.colourDataset.write(to: path)
  }

  /// Changes the file in place.
  private func change(_ body: (Int32) -> Void) {
    let descriptor = open(path, O_RDWR)
    body(descriptor)
    close(descriptor)
  }

  private func flip(_ offset: Int) {
    change { descriptor in
      var byte: UInt8 = 0
      pread(descriptor, &byte, 1, off_t(offset))
      byte ^= 0x10
      pwrite(descriptor, &byte, 1, off_t(offset))
    }
  }

  private func read(_ artifact: DatasetArtifact, _ range: Range<Int>) throws -> [UInt8] {
    var images = [UInt8](repeating: 0, count: range.count * artifact.imageSize)
    try images.withUnsafeMutableBufferPointer { try artifact.readImages(.train, range, into: $0) }
    return images
  }

  private func mismatch(_ index: Int, _ body: () throws -> Void) {
    let error = #expect(throws: ArtifactError.self) { try body() }
    guard case .digestMismatch(path, "/train/images[\(index)]", _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// Every byte that the seal leaves out belongs to an image that notices its change.
  @Test func everyImageNotices() throws {
    let apart = try SealedFile(path: path).apart
    #expect(apart.map(\.count) == [70 * 2352, 3 * 2352])
    for index in [0, 1, 42, 69] {
      let offset = apart[0].lowerBound + index * 2352 + index * 33 % 2352
      flip(offset)
      let artifact = try DatasetArtifact(path: path)
      mismatch(index) { _ = try read(artifact, index..<index + 1) }
      mismatch(index) { _ = try artifact.images(.train) }
      #expect(try artifact.images(.val) == Sample.images(.val, channels: 3))
      #expect(throws: ArtifactError.self) { try verify(path) }
      flip(offset)
    }
    try verify(path)
  }

  /// Also an image that was read before: at once, when the time of a change tells little, and when it is known as checked.
  @Test(arguments: [0, 1_200_000] as [UInt32])
  func damageAfterTheFirstReading(pause: UInt32) throws {
    usleep(pause)
    let artifact = try DatasetArtifact(path: path)
    let place = try SealedFile(path: path).apart[0].lowerBound + 7 * artifact.imageSize
    let good = try read(artifact, 6..<9)
    for offset in [0, 1, 63, 64, 2303, 2304, 2351] {
      flip(place + offset)
      mismatch(7) { _ = try read(artifact, 6..<9) }
      #expect(try read(artifact, 6..<7) == Array(good[..<artifact.imageSize]))
      flip(place + offset)
      #expect(try read(artifact, 6..<9) == good)
    }
    usleep(pause)
    #expect(try read(artifact, 6..<9) == good)
    flip(place)
    usleep(pause)
    mismatch(7) { _ = try read(artifact, 6..<9) }
  }

  @Test func truncatedWhileOpen() throws {
    let artifact = try DatasetArtifact(path: path)
    change { ftruncate($0, 4096) }
    let error = #expect(throws: FileError.self) { try read(artifact, 69..<70) }
    #expect(error?.operation == .endsEarly)
    #expect(error?.kind == .badData)
  }

  /// Another file in its place is none of the reader's business.
  @Test func replacedWhileOpen() throws {
    let artifact = try DatasetArtifact(path: path)
    try Sample.dataset.write(to: path)
    #expect(try artifact.images(.train) == Sample.images(.train, channels: 3))
  }

  /// A seal that leaves out more or less than the images, however well it is digested, is refused.
  @Test(arguments: [[0..<2352], [2048..<2049], []])
  func otherBytesApart(apart: [Range<Int>]) throws {
    let whole = try bytes(path)
    let pending = try PendingFile(path: path)
    // Without the seal, and without the line that is before it.
    let end = try #require(whole.lastIndex(of: UInt8(ascii: "\n"), before: whole.count - FileSeal.size))
    try write(Array(whole[..<end]), to: pending.temporaryPath)
    try FileSeal.close(pending, apart: apart)
    try pending.publish()
    let error = #expect(throws: ArtifactError.self) { try DatasetArtifact(path: path) }
    #expect(error?.description.contains("the seal: expected to leave out the images and nothing else") == true)
  }

  @Test(arguments: [
    "1+", "+1", "1", "a+1", "5+5 3+1", "1+0", "-1+5", "9223372036854775807+1", "1+9223372036854775807",
    "99999999999999999999+1",
  ])
  func aLineThatSetsNothingApart(line: String) throws {
    let whole = try bytes(path)
    let start = try #require(whole.lastIndex(of: UInt8(ascii: "q"), before: whole.count - 80))
    try write(Array(whole[..<start]) + Array("qvit-apart \(line)".utf8) + whole.suffix(FileSeal.size), to: path)
    let error = #expect(throws: ArtifactError.self) { try DatasetArtifact(path: path) }
    #expect(error?.description.contains("damaged or changed") == true)
  }

  @Test func onlyDatasetsSetBytesApart() throws {
    try Sample.student.write(to: path)
    let whole = try bytes(path)
    let pending = try PendingFile(path: path)
    try write(Array(whole.dropLast(FileSeal.size)), to: pending.temporaryPath)
    try FileSeal.close(pending, apart: [2000..<2001])
    try pending.publish()
    let error = #expect(throws: ArtifactError.self) { try StudentArtifact.read(path: path) }
    #expect(error?.description.contains("the seal: expected a digest of the whole file") == true)
  }
}

extension [UInt8] {
  fileprivate func lastIndex(of byte: UInt8, before end: Int) -> Int? { self[..<end].lastIndex(of: byte) }
}
