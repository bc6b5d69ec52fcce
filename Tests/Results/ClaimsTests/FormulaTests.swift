import Artifacts
import Metrics
import Testing

@testable import Claims

@Suite struct FormulaTests {
  private let noFacts = FormulaFacts { (name, _) throws(FormulaFacts.Absence) in throw .missing(name) }
  private let facts = FormulaFacts { (_, words) throws(FormulaFacts.Absence) in Double(words.count) }

  private func value(_ text: String, _ cells: [Cell: Double] = [:], on datasets: [String] = ["a"]) throws -> DualNumber
  {
    try Formula(parsing: text).evaluated(on: datasets, cells: { cells[$0] }, facts: facts)
  }

  private func cell(_ row: String, _ dataset: String, _ metric: Metric = .auc) throws -> Cell {
    Cell(row: try #require(RowName(row)), dataset: dataset, metric: metric)
  }

  @Test(arguments: [
    ("1 + 2 * 3", 7.0), ("(1 + 2) * 3", 9), ("8 / 4 / 2", 1), ("7 - 4 - 2", 1), ("-2 * 3", -6), ("2 - -3", 5),
    ("0.5 * 4", 2), ("min(3, 1, 2)", 1), ("max(3, 1 + 4)", 5), ("change(3, 2)", 0.5), ("seconds(vit-28, b)", 2),
    ("paper_shares()", 0),
  ])
  func formulasAreArithmetic(text: String, expected: Double) throws { #expect(try value(text).value == expected) }

  @Test(arguments: [
    ("", "expected a number, a function or '(' at character 1"),
    ("1 +", "expected a number, a function or '(' at character 4"),
    ("(1", "expected ')' at character 3"), ("1 2", "unexpected '2' at character 3"),
    ("mean(vit-scratch-28)", "unknown function 'mean' at character 6"),
    ("acd(vit-scratch-28)", "unknown function 'acd' (did you mean 'acc'?) at character 5"),
    ("auc(vit)", "'vit' is no row: expected VARIANT-REGIME-RESOLUTION, as qvit-scratch-28 at character 8"),
    ("auc()", "expected a name at character 5"),
    ("change(1)", "change: expected two formulas, found 1 at character 10"),
    ("x", "'x' is neither a number nor a function: expected '(' at character 2"),
    (String(repeating: "(", count: 60), "too many parentheses at character 51"),
    (String(repeating: "1+", count: 2_048) + "1", "a formula has at most 4096 characters, found 4097"),
  ])
  func mistakesAreNamed(text: String, message: String) {
    #expect { try Formula(parsing: text) } throws: { "\($0)" == message }
  }

  @Test func rowsAreNamedByVariantRegimeAndResolution() throws {
    let row = try #require(RowName("vit-logit-kd-kd-224"))
    #expect(row.variant == "vit-logit-kd" && row.regime == .kd && row.resolution == 224)
    #expect(row.description == "vit-logit-kd-kd-224")
    for text in ["vit-28", "vit-scratch-", "vit-scratch-x", "-scratch-28", "vit-nothing-28", ""] {
      #expect(RowName(text) == nil)
    }
  }

  @Test func meansAreOverRowsAndDatasets() throws {
    let cells = [
      try cell("vit-scratch-28", "a"): 0.1, try cell("vit-scratch-28", "b"): 0.3, try cell("vit-scratch-224", "a"): 0.5,
      try cell("vit-scratch-224", "b"): 0.9,
    ]
    #expect(try value("auc(vit-scratch-28, vit-scratch-224)", cells, on: ["a", "b"]).value == 1.8 / 4)
    #expect(try value("auc(vit-scratch-224 @ b)", cells, on: ["a", "b"]).value == 0.9)
    #expect(try value("auc(vit-scratch-224 @ a, b)", cells, on: []).value == 0.7)
    let formula = try Formula(parsing: "auc(vit-scratch-28) - acc(qvit-kd-28 @ c)")
    #expect(formula.cells(on: ["a"]) == [try cell("vit-scratch-28", "a"), try cell("qvit-kd-28", "c", .accuracy)])
    #expect(formula.rows.map(\.description) == ["vit-scratch-28", "qvit-kd-28"] && formula.dependsOnDatasets)
    #expect(!(try Formula(parsing: "acc(qvit-kd-28 @ c) + 1")).dependsOnDatasets)
  }

  /// Derivatives against central differences.
  @Test func derivativesAreThoseOfTheFormula() throws {
    let text = """
      change(auc(vit-kd-28), auc(vit-scratch-28)) / (1 - acc(vit-kd-28)) * 3 + max(auc(vit-kd-28), 0.1) \
      - min(acc(vit-kd-28 @ b), 5)
      """
    let formula = try Formula(parsing: text)
    var cells: [Cell: Double] = [:]
    for (index, cell) in formula.cells(on: ["a", "b"]).sorted(by: { "\($0)" < "\($1)" }).enumerated() {
      cells[cell] = 0.4 + 0.07 * Double(index)
    }
    let found = try value(text, cells, on: ["a", "b"])
    #expect(found.gradient.count == cells.count)
    for (cell, at) in cells {
      func shifted(_ by: Double) throws -> Double {
        var other = cells
        other[cell] = at + by
        return try value(text, other, on: ["a", "b"]).value
      }
      let expected = (try shifted(1e-6) - shifted(-1e-6)) / 2e-6
      #expect(abs((found.gradient[cell] ?? 0) - expected) < 1e-8, "\(cell)")
    }
  }

  @Test func whatIsMissingIsNamed() throws {
    let formula = try Formula(parsing: "1 + seconds(vit-scratch-28)")
    #expect(throws: FormulaFacts.Absence.missing("seconds")) {
      try formula.evaluated(on: [], cells: { _ in nil }, facts: noFacts)
    }
    #expect(try value("auc(vit-scratch-28)").value.isNaN)
  }
}
