import Glibc
import Testing
import _TestSupport

/// A training on images that are read from the file all the time, and a file to which something happens meanwhile.
@Suite("A dataset that changes under a training", .timeLimit(.minutes(20)))
struct StreamingTests {
  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.writeSettings()
    try bench.complete(
      .prepareData, "--dataset breastmnist --resolution 224 --source sample --profile paper --quiet --output d.h5")
  }

  private func words(epochs: Int) -> String {
    "--data d.h5 --config qvit.json --seed 1 --epochs \(epochs) --threads 2 --checkpoint-interval 0 --quiet "
      + "--output s.h5"
  }

  /// Starts a training and waits for its first checkpoint.
  private func start(epochs: Int) throws -> RunningProcess {
    let process = try bench.start(.train, words(epochs: epochs))
    bench.directory.await("s.ckpt.h5")
    try #require(bench.directory.contains("s.ckpt.h5"))
    return process
  }

  private func change(_ body: (Int32) -> Void) {
    let descriptor = open(bench.directory.file("d.h5"), O_RDWR)
    body(descriptor)
    close(descriptor)
  }

  /// Where the first training image lies: the first number of the line that sets the images apart.
  private func firstImage() throws -> Int {
    let end = String(decoding: try bench.directory.bytes("d.h5").suffix(220), as: UTF8.self)
    let line = try #require(end.split(separator: "\n").first { $0.hasPrefix("qvit-apart ") })
    return try #require(Int(line.dropFirst(11).prefix { $0 != "+" }))
  }

  @Test("Damage is found at the next reading, and the state before it is kept")
  func damage() throws {
    let place = try firstImage() + 3 * 224 * 224 + 5
    let process = try start(epochs: 100_000)
    change { descriptor in
      var byte: UInt8 = 0
      pread(descriptor, &byte, 1, off_t(place))
      byte ^= 1
      pwrite(descriptor, &byte, 1, off_t(place))
    }
    let result = try process.wait(atMost: 60)
    #expect(result.status == 65)
    #expect(
      result.errors.hasPrefix("train: error: d.h5: /train/images[3]: content does not match its digest: expected "),
      "\(result.errors)")
    #expect(try bench.directory.entries() == (Bench.settings + ["d.h5", "s.ckpt.h5"]).sorted())
  }

  @Test("A file that is cut short stops the training")
  func truncation() throws {
    let process = try start(epochs: 100_000)
    change { ftruncate($0, 4096) }
    let result = try process.wait(atMost: 60)
    #expect(result == ProcessResult(status: 65, errors: "train: error: d.h5: file ends early\n"))
    #expect(try bench.directory.entries() == (Bench.settings + ["d.h5", "s.ckpt.h5"]).sorted())
  }

  @Test("A file that takes its place does not matter")
  func replacement() throws {
    try bench.complete(.train, words(epochs: 40))
    let whole = try bench.directory.bytes("s.h5")
    try #require(unlink(bench.directory.file("s.h5")) == 0)
    let process = try start(epochs: 40)
    try bench.directory.write(Array("something else".utf8), to: "other")
    rename(bench.directory.file("other"), bench.directory.file("d.h5"))
    #expect(try process.wait(atMost: 120).status == 0)
    #expect(try bench.directory.bytes("s.h5") == whole)
  }
}
