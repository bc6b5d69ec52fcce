import Artifacts
import Configuration
import Drawing
import Metrics
import Reporting
import Statistics
import Testing

@testable import HTMLReport

@Suite("The page") struct PageTests {
  @Test("the same contents give the same bytes")
  func sameBytes() throws {
    let (first, second) = (
      ReportPage.render(try ExampleReport().contents()), ReportPage.render(try ExampleReport().contents())
    )
    #expect(first.html == second.html)
    #expect(first.pictures.map(\.picture.file) == second.pictures.map(\.picture.file))
  }

  @Test("names from data are text wherever they stand, in the page and in every picture")
  func escaping() throws {
    var example = ExampleReport()
    example.classNames = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(2)>", "&amp; 'both' \u{202E}"]
    let page = ReportPage.render(try example.contents())
    for text in [page.html] + page.pictures.map(\.picture.file) {
      #expect(!text.contains("<script>alert") && !text.contains("<img src=x") && !text.contains("\u{202E}"))
    }
    #expect(page.html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    // One script: the program's own.
    #expect(page.html.ranges(of: "<script").count == 1)
  }

  @Test("many classes fit their pictures", arguments: [20, 60])
  func manyClasses(count: Int) throws {
    var example = ExampleReport()
    example.classNames = (0..<count).map { "class \($0)" }
    let pictures = ReportPage.render(try example.contents()).pictures
    #expect(pictures.count { $0.name.hasSuffix("-roc") || $0.name.hasSuffix("-confusion") } >= 2)
    for each in pictures where each.name.hasSuffix("-roc") || each.name.hasSuffix("-confusion") {
      let (name, file) = (each.name, each.picture.file)
      #expect(!file.contains("width=\"-") && !file.contains("height=\"-"), "\(name)")
      let height = Double(file.firstMatch(of: /viewBox="0 0 \d+ ([\d.]+)"/)?.1 ?? "") ?? 0
      let lowest = file.matches(of: /<text[^>]* y="([\d.]+)"/).compactMap { Double($0.1) }.max() ?? 0
      #expect(lowest > 0 && lowest <= height, "\(name): \(lowest) of \(height)")
    }
  }

  @Test("nothing is fetched from anywhere, and the page's own policy forbids it")
  func isAlone() throws {
    let html = ReportPage.render(try ExampleReport().contents()).html
    for pattern in ["src=\"http", "src=\"//", "href=\"http", "url(http", "@import", "<link", "<iframe", "style=\""] {
      #expect(!html.contains(pattern), "\(pattern)")
    }
    #expect(html.contains("content=\"default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-"))
  }

  @Test("every address within the page leads somewhere, and every name is there once")
  func links() throws {
    let html = ReportPage.render(try ExampleReport().contents()).html
    let names = html.matches(of: /\sid="([^"]*)"/).map { String($0.1) }
    #expect(Set(names).count == names.count)
    let targets = html.matches(of: /href="#([^"]*)"/).map { String($0.1) }
    #expect(targets.count > 50)
    #expect(targets.filter { !names.contains($0) } == [])
  }

  @Test("the full grid is smaller than 3 MB: eight datasets, two resolutions, four students, teachers, five seeds")
  func size() throws {
    var example = ExampleReport()
    example.datasets = Array(PaperResults.datasets)
    example.resolutions = [28, 224]
    example.seeds = [1, 2, 3, 4, 5]
    example.epochs = 100
    let page = ReportPage.render(try example.contents())
    #expect(page.html.utf8.count < 3_000_000, "\(page.html.utf8.count) bytes")
    #expect(page.html.utf8.count > 1_000_000, "nothing was left out to be small")
    #expect(Set(page.pictures.map(\.name)).count == page.pictures.count)
  }

  @Test("students of three widths and more make curves, a line for each family; two widths make none")
  func widths() throws {
    var example = ExampleReport()
    example.datasets = ["breastmnist"]
    example.widths = [4, 8]
    #expect(!ReportPage.render(try example.contents()).html.contains("Accuracy against width"))
    example.widths = [4, 8, 16]
    let page = ReportPage.render(try example.contents())
    #expect(page.html.contains("Accuracy against width"))
    for table in 1...2 {
      for (size, first) in [("qubits", "4 qubits"), ("parameters", "1020 trained parameters")] {
        let name = "table\(table)-\(size)-breastmnist-auc"
        let picture = try #require(page.pictures.first { $0.name == name }?.picture)
        let families = picture.description.split(separator: "; ")
        #expect(families.count == 2, "ViT and QViT, not one for each width: \(picture.description)")
        for (family, kind) in zip(families, ["ViT", "QViT"]) {
          #expect(family.hasPrefix("\(kind)\(table == 2 ? "-KD" : "")_28: \(first)"))
          #expect(family.split(separator: ", ").count == 3)
        }
      }
    }
    // The numbers are those of the table.
    let auc = try #require(page.pictures.first { $0.name == "table1-qubits-breastmnist-auc" }?.picture.description)
    let mean = try #require(try example.table(1).rows[2].entries[0][0].summary?.mean)
    #expect(auc.contains("16 qubits or channels \(decimal(mean, 3)) ("))
  }

  @Test("sample data say so where nobody can miss it; their values are not judged")
  func sample() throws {
    var example = ExampleReport(profile: .sample, isGenerated: true)
    example.root = "artifacts/sample"
    let page = ReportPage.render(try example.contents())
    #expect(page.html.contains("<p>Sample data, not comparable to the paper · not for clinical use</p>"))
    #expect(page.html.contains("none is compared with the paper, because these are sample data"))
    let forest = try #require(page.pictures.first { $0.name == "table1-auc" })
    #expect(forest.picture.file.contains("sample data, not comparable to the paper"))
    #expect(forest.picture.file.ranges(of: "class=\"fb sp\"").count == 1, "only the legend has a verdict")
  }

  @Test("the sentence counts cells inside the prediction interval, and the picture colours them")
  func agreement() throws {
    let contents = try ExampleReport().contents()
    let entries = contents.tables.flatMap { table in
      table.rows.flatMap { $0.entries.prefix(table.plan.datasets.count).joined() }
    }
    let (inside, outside) = (
      entries.count { $0.agreement == .inside }, entries.count { $0.agreement == .outside }
    )
    #expect(inside > 0 && outside > 0)
    for entry in entries where entry.agreement != .notCompared {
      let paper = try #require(entry.paper)
      let interval = try #require(entry.prediction?.elsewhere)
      #expect((entry.agreement == .inside) == (interval.low <= paper && paper <= interval.high))
    }
    let page = ReportPage.render(contents)
    #expect(page.html.contains("inside our 95% prediction interval in \(inside) of \(inside + outside)"))
    let forests = page.pictures.filter { $0.name.hasSuffix("-auc") || $0.name.hasSuffix("-accuracy") }.map(
      \.picture.file)
    #expect(forests.count == 4)
    // Filled for inside, hollow for outside; one of each is the legend's.
    func count(_ mark: String) -> Int { forests.reduce(0) { $0 + $1.ranges(of: mark).count } - 4 }
    #expect(count("class=\"fb sp\"") == inside && count("class=\"fp sv\"") == outside)
  }

  @Test("a partial grid says what is missing and how to make it")
  func partial() throws {
    var example = ExampleReport()
    example.rowsMade = 1
    let html = ReportPage.render(try example.contents(tables: [1])).html
    #expect(html.contains("4 of 8 cells are there"))
    #expect(html.contains("<h2>What is missing</h2>") && html.contains("2 parts are missing."))
    #expect(
      html.contains(
        "<code>make PROFILE=paper artifacts/paper/evaluations/qvit-scratch/breastmnist-28-s1.h5 "
          + "artifacts/paper/evaluations/qvit-scratch/breastmnist-28-s2.h5 "
          + "artifacts/paper/evaluations/qvit-scratch/breastmnist-28-s3.h5</code>"))
    example.rowsMade = 0
    let empty = ReportPage.render(try example.contents(tables: [1])).html
    #expect(empty.contains("0 of 8 cells are there") && empty.contains("Not made yet"))
  }

  @Test("two runs side by side: cells whose difference excludes zero, settings that differ")
  func comparison() throws {
    var other = ExampleReport()
    other.signal = 0.1
    other.learningRate = 0.01
    other.root = "elsewhere/paper"
    let (tables, others) = (try [1].map(ExampleReport().table), try [1].map(other.table))
    let comparison = ReportComparison(tables, with: others, root: other.root)
    #expect(comparison.lines.count == 8 && comparison.alone == [])
    let anyDiffers = comparison.lines.contains { $0.differs }
    #expect(anyDiffers, "\(comparison.lines)")
    #expect(comparison.lines.allSatisfy { $0.differs == ($0.interval.map { $0.low > 0 || $0.high < 0 } ?? false) })
    #expect(comparison.settings.map(\.key) == ["training.learning_rate", "training.learning_rate"])
    #expect(comparison.settings.first.map { [$0.here, $0.there] } == ["0.001", "0.01"])
    // A run beside itself differs nowhere.
    let same = ReportComparison(tables, with: tables, root: "x")
    #expect(same.lines.allSatisfy { !$0.differs && $0.here == $0.there } && same.settings == [])
    var contents = try ExampleReport().contents(tables: [1])
    contents.comparison = comparison
    let html = ReportPage.render(contents).html
    #expect(html.contains("<h2>Two runs side by side</h2>") && html.contains("<strong>yes</strong>"))
    #expect(html.contains("training.learning_rate"))
  }

  @Test("a comparison with a run that lacks entries says which")
  func comparisonOfParts() throws {
    var other = ExampleReport()
    other.rowsMade = 1
    let comparison = ReportComparison(try [ExampleReport().table(1)], with: try [other.table(1)], root: "x")
    #expect(comparison.alone == ["QViT_28 on BreastMNIST: only here", "QViT_28 on RetinaMNIST: only here"])
    #expect(comparison.lines.count == 4)
  }
}
