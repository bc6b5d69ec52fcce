public import Metrics

/// A formula of a claim: numbers, `+ - * /`, parentheses and functions.
///
///     auc(qvit-scratch-28, qvit-scratch-224) - auc(vit-scratch-28, vit-scratch-224)
///     change(acc(qvit-scratch-28 @ retinamnist), published(medmamba-x, acc, retinamnist))
///
/// `auc(ROW, …)` and `acc(ROW, …)` are means over the rows and the datasets of the claim, or those behind `@`. `change(a, b)`
/// is (a − b)/b; `min` and `max` take any number of formulas. Any other function is a fact (`FormulaFacts`) whose arguments
/// are words.
public indirect enum Formula: Sendable, Equatable {
  /// A number.
  case number(Double)
  /// The mean of a metric over rows and datasets; nil for the claim's datasets.
  case mean(Metric, [RowName], datasets: [String]?)
  /// A function of words, for example `parameters(qvit-scratch-28)`.
  case fact(String, [String])
  /// a + b.
  case sum(Formula, Formula)
  /// a − b.
  case difference(Formula, Formula)
  /// a · b.
  case product(Formula, Formula)
  /// a / b.
  case quotient(Formula, Formula)
  /// The smallest of some.
  case minimum([Formula])
  /// The largest of some.
  case maximum([Formula])

  /// The rows it asks for, each once, in the order of their appearance.
  public var rows: [RowName] {
    var rows: [RowName] = []
    visit { part in
      if case .mean(_, let named, _) = part { for row in named where !rows.contains(row) { rows.append(row) } }
    }
    return rows
  }

  /// The cells it asks for when it is about so many datasets.
  public func cells(on datasets: [String]) -> Set<Cell> {
    var cells: Set<Cell> = []
    visit { part in
      guard case .mean(let metric, let rows, let named) = part else { return }
      for row in rows {
        for dataset in named ?? datasets { cells.insert(Cell(row: row, dataset: dataset, metric: metric)) }
      }
    }
    return cells
  }

  /// Whether it is about the claim's datasets, and not only about those it names.
  public var dependsOnDatasets: Bool {
    var found = false
    visit { if case .mean(_, _, nil) = $0 { found = true } }
    return found
  }

  private func visit(_ body: (Formula) -> Void) {
    body(self)
    switch self {
    case .number, .mean, .fact: break
    case .sum(let a, let b), .difference(let a, let b), .product(let a, let b), .quotient(let a, let b):
      a.visit(body)
      b.visit(body)
    case .minimum(let parts), .maximum(let parts): for part in parts { part.visit(body) }
    }
  }
}
