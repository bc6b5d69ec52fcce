import Glibc
import Testing
import _ArtifactSamples
import _TestSupport

@Suite("The page of a profile", .timeLimit(.minutes(20)))
struct ReportPageTests {
  private static let settings = [
    "DATASETS=breastmnist", "RESOLUTIONS=28", "SEEDS=1 2", "EPOCHS=3", "VARIANTS=vit qvit",
  ]

  private func make(_ goals: [String], in directory: TemporaryDirectory, _ more: [String] = []) throws -> ProcessResult
  {
    try startMake(goals + ["ARTIFACTS=\(directory.path)/artifacts"] + Self.settings + more).wait(atMost: 600)
  }

  @Test("make report: of nothing, of a part, after a table; the same bytes again; compared with itself")
  func report() throws {
    let directory = try TemporaryDirectory()
    let page = "artifacts/sample/report.html"
    // Nothing is there, and nothing is trained for it.
    let empty = try make(["report"], in: directory)
    #expect(empty.status == 0, "\(empty)")
    #expect(try directory.text(page).contains("0 of"))
    #expect(!directory.contains("artifacts/sample/students"))
    // The table first, then the page with it.
    let made = try make(["table1", "report"], in: directory)
    #expect(made.status == 0, "\(made)")
    let html = try directory.text(page)
    #expect(html.utf8.count > 50_000)
    #expect(html.contains("id=\"qvit-scratch-28-breastmnist\"") && html.contains("id=\"vit-scratch-28-breastmnist\""))
    #expect(html.contains("artifacts/sample/students/qvit-scratch/breastmnist-28-s1.h5"))
    #expect(html.contains("training.epochs") && html.contains("Sample data, not comparable to the paper"))
    for picture in [
      "table1-auc", "qvit-scratch-28-breastmnist-roc", "qvit-scratch-28-breastmnist-circuit-queries", "stages",
      "attention-breastmnist-28-0",
    ] {
      #expect(try directory.text("artifacts/sample/tables/figures/\(picture).svg").hasPrefix("<?xml"), "\(picture)")
    }
    unlink(directory.file(page))
    #expect(try make(["report"], in: directory).status == 0)
    #expect(try directory.text(page) == html)
    let compared = try make(["report"], in: directory, ["COMPARE=\(directory.path)/artifacts/sample"])
    #expect(compared.status == 0, "\(compared)")
    let both = try directory.text(page)
    #expect(both.contains("<h2>Two runs side by side</h2>") && both.contains("excludes zero in 0"))
    #expect(both.contains("No setting differs."))
  }

  @Test(
    "options that do not go together are refused",
    arguments: [
      ("--output r", "one of --table, --datasets, --page is needed"),
      ("--table t.json --page p.json --output r", "'--page' does not go with --table"),
      ("--page p.json --root x --output r", "'--root' does not go with --page"),
      ("--datasets breastmnist --compare x --output r", "'--compare' does not go with --datasets"),
    ])
  func usage(words: String, message: String) throws {
    let bench = try Bench()
    let result = try bench.run(.report, words)
    #expect(result.status == 64)
    #expect(result.errors.hasPrefix("report: error: \(message)"), "\(result.errors)")
  }

  @Test("a damaged evaluation is one line, and the page that is there stays")
  func damaged() throws {
    let directory = try TemporaryDirectory()
    #expect(try make(["table1", "report"], in: directory, ["SEEDS=1", "VARIANTS=vit"]).status == 0)
    let page = try directory.text("artifacts/sample/report.html")
    let name = "artifacts/sample/evaluations/vit-scratch/breastmnist-28-s1.h5"
    var bytes = try directory.bytes(name)
    bytes[bytes.count / 2] ^= 1
    try directory.write(bytes, to: name)
    let tables = try directory.entries(of: "artifacts/sample/settings/tables")
    let table = try #require(tables.first { $0.hasPrefix("table1") })
    let declaration = directory.file("artifacts/sample/settings/tables/\(table)")
    let result = try runProcess(
      toolPath("report"), ["--page", declaration, "--output", directory.file("artifacts/sample/report")])
    #expect(result.status == 65)
    #expect(result.errors.split(separator: "\n").count == 1 && result.errors.contains(name))
    #expect(try directory.text("artifacts/sample/report.html") == page)
    #expect(!directory.contains("artifacts/sample/report.html.part"))
  }
}
