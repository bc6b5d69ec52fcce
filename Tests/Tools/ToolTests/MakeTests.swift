import Glibc
import Testing
import _TestSupport

@Suite("The Makefile with the tools themselves", .timeLimit(.minutes(20)))
struct MakeTests {
  private static let grid = [
    "table1", "DATASETS=breastmnist", "RESOLUTIONS=28", "VARIANTS=vit qvit", "SEEDS=1 2", "EPOCHS=20", "JOBS=2",
  ]

  /// All files below `artifacts` but side logs; plans say where they are, and at their end what was left when they were written.
  private func results(_ bench: Bench) throws -> [String: [UInt8]] {
    var files = try bench.contents().filter { !$0.key.hasSuffix(".timing.csv") }
    for name in files.keys where name.hasPrefix("sample/settings/tables/") || name.hasSuffix("plan.mk") {
      let text = String(decoding: files[name] ?? [], as: UTF8.self)
      let lasting = text.firstRange(of: "\n# What is to be made").map { String(text[..<$0.lowerBound]) } ?? text
      files[name] = Array(lasting.replacing(bench.directory.path, with: "TMP").utf8)
    }
    return files
  }

  @Test("Two of them in one tree: one stops with a clear line, or both end in the same files")
  func twoAtOnce() throws {
    let alone = try Bench()
    let single = try startMake(Self.grid + ["ARTIFACTS=\(alone.directory.path)"]).wait()
    #expect(single.status == 0, "\(single.errors)")
    let expected = try results(alone)
    for milliseconds in [0, 60, 200, 500] as [UInt32] {
      let bench = try Bench()
      let settings = Self.grid + ["ARTIFACTS=\(bench.directory.path)"]
      let first = try startMake(settings)
      usleep(milliseconds * 1_000)
      let second = try startMake(settings)
      for result in [try first.wait(), try second.wait()] where result.status != 0 {
        let errors = result.errors.split(separator: "\n").filter { $0.contains(": error: ") }
        #expect(!errors.isEmpty, "\(result)")
        #expect(errors.allSatisfy { $0.hasSuffix(": another process is writing") }, "\(result.errors)")
      }
      let again = try startMake(settings).wait()
      #expect(again.status == 0, "\(again.errors)")
      let found = try results(bench)
      let different = Set(found.keys).union(expected.keys).filter { found[$0] != expected[$0] }
      #expect(different.isEmpty, "\(different.sorted())")
    }
    let verified = try startMake(["verify"] + Self.grid.dropFirst() + ["ARTIFACTS=\(alone.directory.path)"]).wait()
    #expect(verified.status == 0, "\(verified)")
    #expect(verified.output.hasSuffix("/sample: 9 artifacts, 3 tables: no problem\n"), "\(verified)")
  }

  /// A small part of what `make check-determinism` does.
  @Test("Both tables are the same bytes elsewhere, in other circumstances and after an interruption")
  func determinism() throws {
    let result = try runProcess(
      "\(Fixtures.packageRoot)/Benchmarks/determinism.sh",
      [
        "DATASETS=breastmnist", "RESOLUTIONS=28", "TEACHER_RESOLUTION=28", "SEEDS=1", "EPOCHS=5", "TEACHER_EPOCHS=1",
      ], environment: ["BIN": String(toolPath("").dropLast())], atMost: 200)
    #expect(result.status == 0, "\(result)")
    #expect(result.output.contains("determinism: 13 artifacts and 8 files of tables, the same bytes"), "\(result)")
  }
}
