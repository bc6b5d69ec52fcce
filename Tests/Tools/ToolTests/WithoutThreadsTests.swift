import Testing
import _TestSupport

/// Stacks as large as the address space cannot be had, so no thread can be started.
private let hugeStacks = "ulimit -s 140000000000"

/// Whether the limit of stacks can be raised here so that there is no room for a thread.
let canRefuseThreads = (try? runProcess("/bin/bash", ["-c", hugeStacks]).status) == 0

extension Bench {
  /// Starts a tool that gets no thread beside its first.
  func startWithoutThreads(_ tool: Tool, _ words: String) throws -> RunningProcess {
    try RunningProcess(
      "/bin/bash", ["-c", "\(hugeStacks) && exec \(toolPath(tool.rawValue)) \(words)"], in: directory.path)
  }
}

@Suite("Without room for threads", .enabled(if: canRefuseThreads, "the limit of the stack is fixed here"))
struct WithoutThreadsTests {
  /// What is read ahead elsewhere is read in turn.
  @Test("an archive is read, and its digest verified, by the one thread there is")
  func readingAhead() throws {
    let bench = try Bench()
    for name in ["raw", "a/data"] { try bench.directory.makeDirectories(name) }
    try bench.directory.write(Fixtures.bytes("tools/breast.npz"), to: "raw/breast.npz")
    func words(_ output: String) -> String {
      "--dataset breastmnist --resolution 28 --source npz --input raw/breast.npz --allow-unofficial --profile paper --quiet "
        + "--output \(output)"
    }
    try bench.complete(.prepareData, words("with.h5"))
    let output = "a/data/breastmnist-28.h5"
    #expect(try bench.startWithoutThreads(.prepareData, words(output)).wait().status == 0)
    #expect(try bench.directory.bytes(output) == bench.directory.bytes("with.h5"))
    #expect(
      try bench.startWithoutThreads(.verify, "--root a --profile paper --quiet --raw raw").wait()
        == ProcessResult(status: 0, output: "a: 1 artifact: no problem\n"))
  }
}
