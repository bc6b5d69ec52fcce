import Testing
import _TestSupport

/// A few thousand cases of every target of `fuzz`; `make fuzz` runs the long version (docs/hostile-input.md).
@Suite("Hostile input: no crash, no hang, no memory beyond the limit") struct HostileInputTests {
  @Test(
    arguments: [
      ("npz", 4000), ("safetensors", 4000), ("settings", 2000), ("tables", 2000), ("image", 4000), ("folder", 400),
      ("artifact", 3000),
      ("sealed", 500), ("schema", 1000), ("stages", 150), ("arguments", 4000), ("flips", 4000), ("sealed-flips", 500),
    ])
  func sampleOfCases(target: String, executions: Int) throws {
    let place = try TemporaryDirectory()
    let result = try runProcess(
      toolPath("fuzz"),
      ["--target", target, "--seed", "7", "--executions", "\(executions)", "--keep", place.file("keep")],
      in: place.path, atMost: 600)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.hasPrefix("\(target): seed 7, \(executions) executions in "), "\(result.output)")
    // Cases that are all taken, or all refused, would show nothing; nothing changed is ever taken as it is.
    let isNeverTaken = ["artifact", "flips"].contains(target)
    #expect(result.output.contains("accepted 0,") == (isNeverTaken || target == "sealed-flips"), "\(result.output)")
    #expect(!result.output.contains("refused 0,"), "\(result.output)")
  }

  /// The watch itself: a crash, a case without end, one that wants too much memory and a wrong error are found and kept, and
  /// all other cases run.
  @Test func theWatchSees() throws {
    let place = try TemporaryDirectory()
    let result = try runProcess(
      toolPath("fuzz"), ["--target", "watch", "--executions", "64", "--limit", "1", "--jobs", "2", "--keep", "keep"],
      in: place.path)
    #expect(result.status == 70)
    #expect(result.output.hasPrefix("watch: seed 1, 60 executions in "), "\(result.output)")
    #expect(result.output.contains("accepted 0, refused 60, findings 4,"), "\(result.output)")
    #expect(result.errors.contains("case 20: took more than 1.0 s"), "\(result.errors)")
    let kept = try place.entries(of: "keep").filter { !$0.hasSuffix(".txt") }
    #expect(kept == [10, 20, 30, 40].map { "watch-seed1-case\($0)" })
  }

  /// A case is the same whenever it is run.
  @Test func aCaseIsReplayed() throws {
    let result = try runProcess(toolPath("fuzz"), ["--target", "npz", "--seed", "7", "--case", "12"])
    #expect(result.status == 0)
    let again = try runProcess(toolPath("fuzz"), ["--target", "npz", "--seed", "7", "--case", "12"])
    #expect(again.output == result.output && result.output.contains("case 12: "))
  }
}
