import Datasets
import Failures
import Files
import Glibc
import Testing
import _ArtifactSamples
import _TestSupport

@testable import Artifacts

/// What stands at a path is a whole artifact or what stood there before.
@Suite struct Publishing {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func failureKind(_ body: () throws -> Void) -> FailureKind? {
    do {
      try body()
      return nil
    } catch { return (error as? any Failure)?.kind }
  }

  @Test func replacesWhatStoodThere() throws {
    let path = directory.file("a.h5")
    try write(Array("old".utf8), to: path)
    try Sample.student.write(to: path)
    #expect(try readHeader(path).header.kind == .student)
    #expect(try directory.entries() == ["a.h5"])
  }

  @Test func aMissingDirectory() {
    #expect(failureKind { try Sample.student.write(to: directory.file("none/a.h5")) } == .cannotCreate)
  }

  @Test func aDirectoryAtThePath() throws {
    let path = directory.file("a.h5")
    mkdir(path, 0o777)
    #expect(failureKind { try Sample.student.write(to: path) } == .cannotCreate)
    #expect(try directory.entries() == ["a.h5"])
  }

  /// A writer that is dropped halfway leaves nothing behind and what stood there untouched.
  @Test func aDroppedWriter() throws {
    let path = directory.file("a.h5")
    let digest = try Sample.student.write(to: path)
    do {
      var writer = try DatasetArtifactWriter(
        path: path, header: Sample.header(.dataset), contents: Sample.contents(channels: 1))
      try Sample.image(1, channels: 1).withUnsafeBufferPointer { _ = try writer.appendImages(.train, $0, count: 1) }
    }
    #expect(try directory.entries() == ["a.h5"])
    #expect(try verify(path).contentSHA256 == digest)
  }

  @Test func twoWritersOfOneTarget() throws {
    let path = directory.file("a.h5")
    let first = try ArtifactWriter.create(path: path, header: Sample.header(.student))
    #expect(failureKind { try Sample.evaluation.write(to: path) } == .cannotCreate)
    _ = try first.publish()
    #expect(try readHeader(path).header.kind == .student)
    try Sample.evaluation.write(to: path)
    #expect(try verify(path).header.kind == .evaluation)
  }

  /// A temporary that a killed process left behind is taken over.
  @Test func anAbandonedTemporary() throws {
    let path = directory.file("a.h5")
    try write([UInt8](repeating: 1, count: 1 << 20), to: path + ".part")
    try Sample.student.write(to: path)
    try Sample.student.write(to: directory.file("b.h5"))
    #expect(try bytes(path) == bytes(directory.file("b.h5")))
    #expect(try directory.entries() == ["a.h5", "b.h5"])
  }

  /// No room for the file: the process may write 100 kB at most, then each write fails.
  @Test func noRoom() async {
    await #expect(processExitsWith: .exitCode(FailureKind.inputOutput.rawValue)) {
      exit(try Publishing.exitCodeWithoutRoom())
    }
  }

  private static func exitCodeWithoutRoom() throws -> Int32 {
    let directory = try TemporaryDirectory()
    let path = directory.file("a.h5")
    try Sample.student.write(to: path)
    let before = try bytes(path)
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
    guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { return 1 }
    do {
      try Sample.colourDataset.write(to: path)
      return 2
    } catch let error as any Failure {
      guard error.description.hasSuffix("/train/images: HDF5: file write failed: File too large") else { return 3 }
      guard try bytes(path) == before, try directory.entries() == ["a.h5"] else { return 4 }
      return error.kind.rawValue
    }
  }
}
