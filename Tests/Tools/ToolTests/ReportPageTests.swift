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
    // ViT_28 stands in several of the planned tables, and looks at the image once.
    let attention = try directory.text("artifacts/sample/tables/figures/attention-breastmnist-28-0.svg")
    let description = try #require(attention.firstMatch(of: /<desc[^>]*>([^<]*)</)).1
    #expect(description.ranges(of: " from ViT_28 h1").count == 1, "\(description)")
    unlink(directory.file(page))
    #expect(try make(["report"], in: directory).status == 0)
    #expect(try directory.text(page) == html)
    let compared = try make(["report"], in: directory, ["COMPARE=\(directory.path)/artifacts/sample"])
    #expect(compared.status == 0, "\(compared)")
    let both = try directory.text(page)
    #expect(both.contains("<h2>Two runs side by side</h2>") && both.contains("excludes zero in 0"))
    #expect(both.contains("No setting differs."))
  }

  @Test("a page that shows other results than there are is found, pictures it no longer has go, those of others stay")
  func stale() throws {
    let directory = try TemporaryDirectory()
    let root = "artifacts/sample"
    let few = ["SEEDS=1", "VARIANTS=vit"]
    func problems(_ more: [String] = few) throws -> [Substring] {
      let result = try make(["verify"], in: directory, more)
      let lines = result.output.split(separator: "\n").filter { $0.contains("report.html") || $0.contains(".svg") }
      #expect((result.status == 0) == lines.isEmpty, "\(result)")
      return lines
    }
    #expect(try make(["table1", "report"], in: directory, few).status == 0)
    #expect(try problems() == [])
    let picture = "\(root)/tables/figures/vit-scratch-28-breastmnist-roc.svg"
    try directory.write(directory.text(picture) + " ", to: picture)
    #expect(try problems().map { $0.hasSuffix("/\(picture): changed since it was made") } == [true])
    // Other results, and the page that was made of those before.
    let other = few + ["EPOCHS=4"]
    #expect(try make(["table1"], in: directory, other).status == 0)
    #expect(try problems(other).contains { $0.contains("/report.html: stale: made from another ") })
    #expect(try make(["report"], in: directory, other).status == 0)
    #expect(try problems(other) == [])
    // Another model: pictures of the first one go, but for what somebody else has put there or changed.
    try directory.write("<svg/>", to: "\(root)/tables/figures/mine.svg")
    try directory.write("<svg/>", to: picture)
    let qvit = ["SEEDS=1", "VARIANTS=qvit", "EPOCHS=4"]
    #expect(try make(["table1", "report"], in: directory, qvit).status == 0)
    let files = try directory.entries(of: "\(root)/tables/figures").filter { !$0.hasPrefix("qvit") }
    #expect(files.contains("mine.svg") && files.contains("vit-scratch-28-breastmnist-roc.svg"), "\(files)")
    #expect(!files.contains { $0.hasPrefix("vit-") && !$0.hasSuffix("-roc.svg") }, "\(files)")
    unlink(directory.file("\(root)/report.inputs.json"))
    #expect(try problems(qvit).contains { $0.contains("/report.html: not known what it was made from: ") })
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

  /// The log of a training that was resumed begins behind the epochs of the first process: no time of a whole training.
  @Test("times are shown of whole trainings only")
  func times() throws {
    let directory = try TemporaryDirectory()
    let few = ["SEEDS=1", "VARIANTS=vit"]
    #expect(try make(["table1", "report"], in: directory, few).status == 0)
    let page = "artifacts/sample/report.html"
    #expect(try directory.text(page).contains("Seconds a run"))
    for name in try directory.entries(of: "artifacts/sample/students/vit-scratch") where name.hasSuffix(".timing.csv") {
      let log = "artifacts/sample/students/vit-scratch/\(name)"
      var lines = try directory.text(log).split(separator: "\n")
      lines.remove(at: 1)
      try directory.write(lines.map { "\($0)\n" }.joined(), to: log)
    }
    #expect(try make(["report"], in: directory, few).status == 0)
    #expect(!(try directory.text(page).contains("Seconds a run")))
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
