import Configuration
import Artifacts
import Testing

@testable import Reporting

@Suite struct FormatTests {
  @Test func latexSpecialCharactersAreEscaped() {
    #expect(
      latexEscaped("QViT_28 & 95% of $1 #2 {a} ^~\\")
        == "QViT\\_28 \\& 95\\% of \\$1 \\#2 \\{a\\} \\textasciicircum{}\\textasciitilde{}\\textbackslash{}")
    #expect(
      latexEscaped("a ± b − c – d — e† <x>") == "a $\\pm$ b $-$ c -- d --- e$\\dagger$ \\textless{}x\\textgreater{}")
  }

  @Test(arguments: SnapshotTests.Example.allCases)
  func latexIsPlainASCIIWithFullRowsAndBalancedBraces(example: SnapshotTests.Example) throws {
    let text = try example.table().latex()
    #expect(text.utf8.allSatisfy { $0 < 128 })
    #expect(text.count { $0 == "{" } == text.count { $0 == "}" })
    #expect(text.split(separator: "\\begin{").count == text.split(separator: "\\end{").count)
    for block in text.split(separator: "\\begin{tabular}").dropFirst() {
      let tabular = block.prefix { $0 != "\n" }
      let columns = tabular.count { $0 == "l" || $0 == "r" }
      let body = String(block).split(separator: "\\end{tabular}")[0]
      let rows = body.split(separator: "\n").filter { $0.hasSuffix(" \\\\") && !$0.contains("multicolumn") }
      #expect(rows.allSatisfy { $0.split(separator: " & ", omittingEmptySubsequences: false).count == columns })
      #expect(rows.count > 1)
    }
  }

  @Test(arguments: SnapshotTests.Example.allCases)
  func markdownRowsHaveAsManyCellsAsTheirHeader(example: SnapshotTests.Example) throws {
    let table = try example.table()
    let lines = table.markdown().split(separator: "\n").filter { $0.hasPrefix("|") }
    // A block of up to three datasets after the other, and the average of several.
    let widths = table.blocks(of: 3).map { 1 + 2 * $0.count }
    var block = -1
    for line in lines {
      if line.hasPrefix("| Model") { block += 1 }
      #expect(line.split(separator: " | ", omittingEmptySubsequences: false).count == widths[block])
    }
    #expect(block == widths.count - 1)
  }

  @Test func csvFieldsWithSeparatorsAreQuoted() throws {
    let lines = try SnapshotTests.Example.partial.table().csv().split(separator: "\n")
    let row = try #require(lines.first { $0.hasPrefix("table1,QViT_28") && $0.contains("retinamnist,AUC") })
    #expect(row.contains(",NaN;NaN;NaN,"))
    #expect(lines[0].split(separator: ",").count == ResultTable.csvColumns.count)
    for column in ["epochs", "qubits", "heads", "layout", "learning_rate", "selection", "teacher_start"] {
      #expect(lines[0].contains(",\(column)"), "\(column)")
    }
  }

  @Test func numbersAreWrittenForReaders() {
    #expect(signedThreeDecimals(0.0104) == "+0.010")
    #expect(signedThreeDecimals(-0.0106) == "−0.011")
    #expect(signedThreeDecimals(-0.0001) == "0.000")
    #expect(grouped(7) == "7" && grouped(1026) == "1,026" && grouped(5_073_000) == "5,073,000")
    #expect(wrapped("a bb ccc dddd", to: 4) == "a bb\nccc\ndddd")
  }

  @Test func parameterCountsAreComparedInThousands() throws {
    let small = try #require(ParameterClaim(model: .qvit, resolution: 28, qubits: 4))
    #expect(small.thousands == 1)
    #expect(small.holds(for: 984) && small.holds(for: 1071) && small.holds(for: 1499))
    #expect(!small.holds(for: 499) && !small.holds(for: 1500))
    #expect(ParameterClaim(model: .vit, resolution: 224, qubits: 4)?.holds(for: 4050) == true)
    #expect(ParameterClaim(model: .vit, resolution: 224, qubits: 8)?.holds(for: 8354) == true)
    #expect(ParameterClaim(model: .vit, resolution: 28, qubits: 8) == nil)
    #expect(ParameterClaim(model: .tinyvit, resolution: 224, qubits: 4) == nil)
  }
}
