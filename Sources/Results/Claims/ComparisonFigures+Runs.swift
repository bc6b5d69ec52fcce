import Metrics
import Statistics

/// Interquartile means, probability of improvement, Wilcoxon's test and wrong rankings of two groups of rows.
/// - Returns: nil where a measure is undefined.
func figures(of comparison: TestDeclaration.Comparison, _ runs: PairedRuns) -> ComparisonFigures? {
  let metric = comparison.metric
  /// `[dataset][row][seed]`.
  func values(_ rows: [RowName]) -> [[[Double]]] {
    runs.datasets.map { here in rows.map { row in (here.runs[row] ?? []).map { $0.test[metric] } } }
  }
  let (new, old) = (values(comparison.new), values(comparison.old))
  guard !(new + old).joined().joined().contains(where: \.isNaN), !new.isEmpty else { return nil }
  let counts = runs.datasets.map(\.seeds.count)
  let groups = runs.datasets.map { $0.groups(of: comparison.new + comparison.old) }
  func drawn(_ values: [[[Double]]], _ seeds: [[Int]]) -> [[[Double]]] {
    zip(values, seeds).map { rows, seeds in rows.map { row in seeds.map { row[$0] } } }
  }
  func aggregate(_ statistic: ([[[Double]]], [[[Double]]]) -> Double) -> ComparisonFigures.Aggregate {
    .init(
      value: statistic(new, old),
      interval: stratifiedBootstrap(runs: counts, groups: groups) { seeds in
        statistic(drawn(new, seeds), drawn(old, seeds))
      })
  }
  func all(_ values: [[[Double]]]) -> [Double] { values.flatMap { $0.flatMap(\.self) } }
  // A pair of rows on a dataset is a task of its own: a new run is compared with old ones of the same resolution.
  func tasks(_ values: [[[Double]]]) -> [[Double]] { values.flatMap(\.self) }
  let differences = zip(new, old).map { mean($0.map(mean)) - mean($1.map(mean)) }
  let test = WilcoxonSignedRank(differences)
  return ComparisonFigures(
    new: aggregate { new, _ in interquartileMean(all(new)) },
    old: aggregate { _, old in interquartileMean(all(old)) },
    improvement: aggregate { new, old in probabilityOfImprovement(tasks(new), over: tasks(old)) },
    // One difference is no test, and no member of the family that Holm's correction is over.
    wilcoxonP: test.count > 1 ? test.twoSidedP : .nan, wilcoxonCount: test.count,
    wrongRanking: metric == .accuracy ? wrongRanking(comparison, runs) : nil)
}

/// The mean probability that the ranking by the accuracies found is wrong, from the images of each pair of runs.
private func wrongRanking(_ comparison: TestDeclaration.Comparison, _ runs: PairedRuns) -> Double? {
  var probabilities: [Double] = []
  for here in runs.datasets {
    for (newRow, oldRow) in zip(comparison.new, comparison.old) {
      for (new, old) in zip(here.runs[newRow] ?? [], here.runs[oldRow] ?? []) {
        guard new.test.labels == old.test.labels else { return nil }
        var (onlyNew, onlyOld) = (0, 0)
        for image in new.test.labels.indices {
          let isNewRight = new.test.predictions[image] == new.test.labels[image]
          let isOldRight = old.test.predictions[image] == old.test.labels[image]
          if isNewRight, !isOldRight { onlyNew += 1 }
          if isOldRight, !isNewRight { onlyOld += 1 }
        }
        let (better, worse) = (max(onlyNew, onlyOld), min(onlyNew, onlyOld))
        probabilities.append(probabilityOfWrongRanking(onlyFirst: better, onlySecond: worse))
      }
    }
  }
  return probabilities.isEmpty ? nil : mean(probabilities)
}
