import Glibc
import Testing
import _TestSupport

/// The interpreter: `PYTHON` where it is set.
private let python3 = getenv("PYTHON").map { String(cString: $0) } ?? "python3"

private let pythonHasReaders = system("'\(python3)' -c 'import h5py, numpy' > /dev/null 2>&1") == 0

@Suite("docs/python.md", .timeLimit(.minutes(20)))
struct PythonDocumentationTests {
  /// The blocks of Python in the page.
  private func snippets() throws -> [String] {
    try Fixtures.packageText("docs/python.md").split(separator: "```python\n").dropFirst().map { part in
      part.split(separator: "```", maxSplits: 1).first.map(String.init) ?? ""
    }
  }

  @Test("Every snippet does what it says", .enabled(if: pythonHasReaders, "python3 lacks h5py or numpy"))
  func snippetsRun() throws {
    let bench = try Bench()
    for (label, image) in ["grey.png", "bilevel.png", "grey.jpg"].enumerated() {
      try bench.directory.makeDirectories("pictures/class \(label)".replacing(" ", with: "-"))
      for number in 0..<10 {
        try bench.directory.write(
          Fixtures.bytes("images/\(image)"), to: "pictures/class-\(label)/\(number).\(image.suffix(3))")
      }
    }
    let made = try startMake([
      "table1", "DATASETS=mydata", "mydata.folder=\(bench.directory.path)/pictures", "RESOLUTIONS=28", "SEEDS=1",
      "EPOCHS=3",
      "ARTIFACTS=\(bench.directory.path)/artifacts",
    ]).wait()
    #expect(made.status == 0, "\(made)")
    let snippets = try snippets()
    #expect(snippets.count == 5)
    for snippet in snippets {
      let result = try runProcess(
        "/usr/bin/env", [python3, "-W", "error", "-c", snippet], in: bench.directory.path)
      #expect(result.status == 0 && result.errors.isEmpty, "\(snippet)\n\(result)")
    }
  }
}
