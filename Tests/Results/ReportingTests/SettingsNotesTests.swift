import Artifacts
import Configuration
import JSON
import Testing

@testable import Reporting

/// Every table says what it is.
@Suite struct SettingsNotesTests {
  private func table(
    _ profile: Profile, paperTable: Int? = 1, _ changes: [(key: [String], value: JSONValue)]
  ) throws -> ResultTable {
    var cells = ExampleCells()
    cells.profile = profile
    if profile == .sample { cells.origin = .generated }
    let row = ExampleRows.student(.qvit, .scratch, 28)
    var configuration = try JSONValue(parsing: Array(ExampleCells.configuration(row).utf8), path: "example")
    for change in changes { configuration.replace(change.key, by: change.value) }
    let plan = cells.plan([row], ["breastmnist"], seeds: [1], paperTable: paperTable)
    let cell = try cells.cell(row, "breastmnist", seed: 1, configuration: configuration.canonicalText)
    return try ResultTable(plan, softwareVersion: "0.1.0", cells: [cell])
  }

  @Test("The paper's settings need no words")
  func papers() throws {
    let table = try table(.paper, [])
    for text in table.allFormats { #expect(!text.contains("Settings that are not the paper's")) }
    #expect(table.csv().hasSuffix(",,4,2,1,chain,100,32,0.001,best-validation-auc,,,,,\n"))
    #expect(table.markdown().contains("*paper*"))
  }

  @Test("Each line of the CSV has the settings of its own row")
  func settingsByRow() throws {
    let cells = ExampleCells()
    let rows = [ExampleRows.student(.vit, .scratch, 28), ExampleRows.student(.qvit, .scratch, 28)]
    let plan = cells.plan(rows, ["breastmnist"], seeds: [1])
    let table = try ResultTable(
      plan, softwareVersion: "0.1.0", cells: rows.map { try cells.cell($0, "breastmnist", seed: 1) })
    let lines = table.csv().split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let layout = try #require(ResultTable.csvColumns.firstIndex(of: "layout"))
    let variant = try #require(ResultTable.csvColumns.firstIndex(of: "variant"))
    #expect(Set(lines.map { "\($0[variant]) \($0[layout])" }) == ["vit ", "qvit chain"])
  }

  @Test(
    "Other readings and, in the sample profile, other procedures are named in every format", arguments: Profile.allCases
  )
  func others(profile: Profile) throws {
    let pairs = try JSONValue(parsing: Array("[[0,1],[1,2],[2,3],[3,0]]".utf8), path: "pairs")
    let table = try table(
      profile, paperTable: profile == .sample ? 1 : nil,
      [
        (["model", "circuit", "layout"], .string("ring")), (["model", "circuit", "pairs"], pairs),
        (["training", "epochs"], .number(7)), (["training", "learning_rate"], .number(0.005)),
      ])
    for text in table.allFormats {
      let words = text.replacing("\n", with: " ").replacing("\\_", with: "_")
      for part in [
        "training.epochs 7 (paper: 100)", "training.learning_rate 0.005 (paper: 0.001)",
        "model.circuit.layout ring (paper: silent, our reading chain)",
      ] { #expect(words.contains(part), "\(part)\n\(text)") }
    }
    #expect(table.csv().hasSuffix(",4,2,1,ring,7,32,0.005,best-validation-auc,,,,,\n"))
  }

  @Test("A teacher that computes in another precision is named with its students")
  func precision() throws {
    let key = ["distillation", "teacher", "training", "precision"]
    for text in try table(.paper, paperTable: nil, [(key, .string("bfloat16"))]).allFormats {
      #expect(
        text.replacing("\n", with: " ").replacing("\\_", with: "_")
          .contains("distillation.teacher.training.precision bfloat16 (paper: silent, our reading float32)"), "\(text)")
    }
  }

  @Test("Beside a model that is not the paper's stand no values of the paper and no paragraphs about them")
  func notThePapers() throws {
    let table = try table(.paper, [(["model", "heads"], .number(1))])
    for text in [table.markdown(), table.latex(), table.terminal(styled: false)] {
      for part in ["single runs", "paper: around", "rounds to", "Mean AUC more", "No mean AUC"] {
        #expect(!text.contains(part), "\(part)\n\(text)")
      }
      #expect(
        text.replacing("\n", with: " ").contains("not the paper's model, so no value of the paper stands beside it"))
    }
    #expect(!table.markdown().contains("*paper*"))
  }

  @Test("On a terminal of 80 columns datasets are continued below", arguments: [80, 100, 120, 200])
  func widths(columns: Int) throws {
    let table = try SnapshotTests.Example.full.table()
    let lines = table.terminal(width: columns, styled: false).split(separator: "\n").filter {
      !$0.contains("artifacts/")
    }
    #expect(lines.allSatisfy { $0.count <= columns }, "\(lines.filter { $0.count > columns })")
    let rules = lines.count { $0.hasPrefix("─") }
    // The average stands in a block of its own.
    #expect(rules == [80: 5, 100: 4, 120: 3, 200: 3][columns])
  }
}

extension ResultTable {
  fileprivate var allFormats: [String] { [markdown(), csv(), latex(), terminal(styled: false)] }
}
