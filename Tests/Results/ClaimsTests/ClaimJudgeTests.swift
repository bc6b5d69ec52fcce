import Artifacts
import Configuration
import Datasets
import JSON
import Metrics
import Reporting
import Statistics
import Testing
import VectorMath
import _TestSupport

@testable import Claims

/// Claims judged by made-up runs whose truth is known.
@Suite struct ClaimJudgeTests {
  private static let labels = (0..<200).map { $0.isMultiple(of: 3) ? 1 : 0 }

  /// A run whose scores separate the classes by so much.
  private func run(
    _ seed: UInt64, separation: Double, of row: String, on dataset: String, teacher: String? = nil
  ) throws -> EvidenceRun {
    var stream = RandomStream(seed: seed, purpose: "\(row) \(dataset)")
    var common = RandomStream(seed: 0, purpose: "images of \(dataset)")
    let scores = Self.labels.map { label in
      Float(logistic(separation * Double(label) - separation / 2 + 0.7 * common.normal() + 0.5 * stream.normal()))
    }
    let test = try SplitEvaluation(
      of: .test, scores: scores.flatMap { [1 - $0, $0] }, labels: Self.labels, classCount: 2, task: .binary,
      bootstrap: BootstrapSettings(replicates: 1))
    return EvidenceRun(
      seed: seed, test: test, path: "\(row)/\(dataset)-s\(seed).h5", contentSHA256: "digest\(seed)",
      teacher: teacher)
  }

  private func evidence(
    _ rows: [(row: String, separation: Double)], datasets: [String] = ["a", "b"], seeds: [UInt64] = [1, 2, 3, 4, 5]
  ) throws -> Evidence {
    var evidence = Evidence()
    for (row, separation) in rows {
      for dataset in datasets {
        for seed in seeds {
          evidence.add(
            try run(seed, separation: separation, of: row, on: dataset), of: try #require(RowName(row)), on: dataset)
        }
      }
    }
    return evidence
  }

  private func file(_ claims: String, datasets: String = "\"a\", \"b\"", more: String = "") throws -> ClaimFile {
    let json = """
      {"datasets": [\(datasets)], "smallest_difference": {"auc": 0.01, "acc": 0.02}\(more), "claims": [\(claims)]}
      """
    return try ClaimFile(JSONValue(parsing: Array(json.utf8), path: "claims.json"), path: "claims.json")
  }

  private func claim(_ test: String, id: String = "x", more: String = "") -> String {
    "{\"id\": \"\(id)\", \"claim\": \"c\", \"where\": \"w\", \"tests\": [\(test)]\(more)}"
  }

  private let comparison =
    "{\"measure\": \"auc\", \"new\": [\"qvit-scratch-28\"], \"old\": [\"vit-scratch-28\"], \"expect\": \"above\"}"

  private let facts = FormulaFacts { (name, words) throws(FormulaFacts.Absence) in
    guard name == "parameters" else { throw .missing("the times") }
    return Double(words.count)
  }

  private func judged(_ file: ClaimFile, _ evidence: Evidence) -> [ClaimResult] {
    ClaimJudge(file, evidence: evidence, facts: facts) { row, dataset in "make \(row) \(dataset)" }.judged()
  }

  /// Students of two teachers are two repetitions, in a comparison with students from scratch too.
  @Test func studentsOfATeacherAreNoRepetitions() throws {
    let (distilled, scratch) = (try #require(RowName("qvit-kd-28")), try #require(RowName("vit-scratch-28")))
    var (evidence, differences): (Evidence, [Double]) = (Evidence(), [])
    for seed in UInt64(1)...6 {
      let teacher = seed.isMultiple(of: 2) ? "t2" : "t1"
      let new = try run(seed, separation: teacher == "t1" ? 1.5 : 2, of: "new", on: "a", teacher: teacher)
      let old = try run(seed, separation: 1.5, of: "old", on: "a")
      evidence.add(new, of: distilled, on: "a")
      evidence.add(old, of: scratch, on: "a")
      differences.append(new.test[.auc] - old.test[.auc])
    }
    let cells = [distilled, scratch].map { Cell(row: $0, dataset: "a", metric: .auc) }
    let runs = PairedRuns(evidence, cells: Set(cells))
    let part = try #require(runs.uncertainty(of: [cells[0]: 1, cells[1]: -1])?.parts.first)
    #expect(part.count == 2 && part.groupedRunVariance != nil)
    let none = Array(repeating: Array(repeating: 0.0, count: 6), count: 6)
    let expected = MultipleRuns(differences, covariance: none, groups: RunGroups([1, 2, 1, 2, 1, 2])).uncertainty
    #expect(abs(part.seedVariance / expected.seedVariance - 1) < 1e-12)
    // From scratch alone there is no teacher.
    #expect(runs.uncertainty(of: [cells[1]: 1])?.parts.first?.count == 6)
    // More seeds would not decide what is open because of two teachers.
    let claim = try file(
      claim(comparison.replacing("qvit-scratch-28", with: "qvit-kd-28")), datasets: "\"a\"")
    let result = judged(claim, evidence)[0]
    let estimate = try #require(result.tests[0].estimate)
    #expect(result.reproduction == .undecided && estimate.seedsNeeded == nil && estimate.seeds == 6...6)
  }

  @Test func anEffectIsFound() throws {
    let file = try file(claim(comparison))
    for (new, old, verdict) in [(2.0, 1.0, Verdict.confirmed), (1.0, 2.0, .contradicted)] {
      let evidence = try evidence([("qvit-scratch-28", new), ("vit-scratch-28", old)])
      let result = judged(file, evidence)[0]
      #expect(result.verdict == verdict && result.reproduction == verdict)
      let estimate = try #require(result.tests[0].estimate)
      // The mean over seeds and datasets, of the difference.
      func mean(_ row: String) throws -> Double {
        let runs = ["a", "b"].map {
          evidence.runs(of: RowName(row) ?? .init(variant: "", regime: .kd, resolution: 0), on: $0)
        }
        return Statistics.mean(runs.map { Statistics.mean($0.map { $0.test[.auc] }) })
      }
      #expect(abs(estimate.value - (try mean("qvit-scratch-28") - (try mean("vit-scratch-28")))) < 1e-14)
      #expect(estimate.seeds == 5...5 && estimate.interval?.contains(estimate.value) == true)
      #expect(result.files.count == 20 && result.files.allSatisfy { $0.contentSHA256.hasPrefix("digest") })
    }
  }

  /// The same scores under both names: every image and every seed is its own pair, nothing is left of the variance.
  @Test func pairsCancel() throws {
    var evidence = Evidence()
    for row in ["qvit-scratch-28", "vit-scratch-28"] {
      for dataset in ["a", "b"] {
        for seed in 1...5 {
          evidence.add(
            try run(UInt64(seed), separation: 1, of: "same", on: dataset), of: try #require(RowName(row)), on: dataset)
        }
      }
    }
    let estimate = try #require(judged(try file(claim(comparison)), evidence)[0].tests[0].estimate)
    #expect(estimate.value == 0 && estimate.interval == Interval(low: 0, high: 0))
    #expect(estimate.seedDeviation == 0 && estimate.imageDeviation == 0)
  }

  /// The uncertainty of a difference is that of the differences, seed by seed and image by image.
  @Test func uncertaintyIsThatOfPairedDifferences() throws {
    let evidence = try evidence([("qvit-scratch-28", 1.5), ("vit-scratch-28", 1)], datasets: ["a"])
    let file = try file(claim(comparison), datasets: "\"a\"")
    let estimate = try #require(judged(file, evidence)[0].tests[0].estimate)
    let (new, old) = (
      evidence.runs(of: try #require(RowName("qvit-scratch-28")), on: "a"),
      evidence.runs(of: try #require(RowName("vit-scratch-28")), on: "a")
    )
    let differences = zip(new, old).map { $0.test[.auc] - $1.test[.auc] }
    let influences = zip(new, old).map { pair in
      zip(pair.0.influences[.auc] ?? [], pair.1.influences[.auc] ?? []).map { $0 - $1 }
    }
    let analysis = MultipleRuns(differences, covariance: errorCovariance(influences))
    #expect(abs((estimate.seedDeviation ?? 0) - analysis.uncertainty.seedVariance.squareRoot()) < 1e-14)
    #expect(abs((estimate.imageDeviation ?? 0) - analysis.uncertainty.imageVariance.squareRoot()) < 1e-14)
    // Of one cell it is the interval that tables have, but for the scale.
    let single = try self.file(
      claim("{\"name\": \"n\", \"formula\": \"auc(vit-scratch-28)\", \"expect\": \"above\", \"margin\": 0}"),
      datasets: "\"a\"")
    let found = try #require(judged(single, evidence)[0].tests[0].estimate?.interval)
    let expected = try #require(MultipleRuns(old.map(\.test), .auc)).interval()
    #expect(abs(found.low - expected.low) < 1e-14 && abs(found.high - expected.high) < 1e-14)
  }

  @Test func onlySharedSeedsCount() throws {
    var evidence = try evidence([("qvit-scratch-28", 1.5)], seeds: [1, 2, 3])
    for dataset in ["a", "b"] {
      for seed: UInt64 in [2, 3, 4] {
        evidence.add(
          try run(seed, separation: 1, of: "vit-scratch-28", on: dataset), of: try #require(RowName("vit-scratch-28")),
          on: dataset)
      }
    }
    let estimate = try #require(judged(try file(claim(comparison)), evidence)[0].tests[0].estimate)
    #expect(estimate.seeds == 2...2)
    let none = try self.evidence([("qvit-scratch-28", 1.5)], seeds: [1])
    var other = none
    for dataset in ["a", "b"] {
      other.add(
        try run(9, separation: 1, of: "vit-scratch-28", on: dataset), of: try #require(RowName("vit-scratch-28")),
        on: dataset)
    }
    let result = judged(try file(claim(comparison)), other)[0]
    #expect(result.verdict == .missing && result.missing[0].what.hasPrefix("a seed that all of "))
  }

  @Test func whatIsMissingIsNamedWithItsCommand() throws {
    var evidence = try evidence([("qvit-scratch-28", 2)])
    for seed: UInt64 in 1...5 {
      evidence.add(
        try run(seed, separation: 1, of: "vit-scratch-28", on: "a"), of: try #require(RowName("vit-scratch-28")),
        on: "a")
    }
    let result = judged(try file(claim(comparison)), evidence)[0]
    #expect(result.verdict == .missing && result.tests[0].estimate == nil)
    #expect(result.missing == [.init(what: "vit-scratch-28 on b", command: "make vit-scratch-28 b")])
    let partial = try #require(result.tests[0].partial)
    #expect(partial.datasets == ["a"] && partial.verdict == .confirmed)
    let facts = judged(
      try file(claim("{\"name\": \"n\", \"formula\": \"seconds(a)\", \"expect\": \"above\", \"margin\": 0}")), evidence)
    #expect(facts[0].verdict == .missing && facts[0].missing[0].what == "the times")
  }

  /// A single seed has no interval: nothing is known of other seeds.
  @Test func oneSeedLeavesItOpen() throws {
    let evidence = try evidence([("qvit-scratch-28", 3), ("vit-scratch-28", 0.2)], seeds: [1])
    let result = judged(try file(claim(comparison)), evidence)[0]
    #expect(result.verdict == .undecided && result.tests[0].estimate?.interval == nil)
  }

  @Test func theWorstTestDecides() throws {
    let evidence = try evidence([("qvit-scratch-28", 2), ("vit-scratch-28", 1)])
    let opposite = comparison.replacing("above", with: "below")
    #expect(judged(try file(claim("\(comparison), \(opposite)")), evidence)[0].verdict == .contradicted)
    let absent = comparison.replacing("[\"vit-scratch-28\"]", with: "[\"vit-kd-28\"]")
    #expect(judged(try file(claim("\(comparison), \(absent)")), evidence)[0].verdict == .missing)
  }

  @Test func claimsOfEachDatasetAreTestedOnEach() throws {
    let evidence = try evidence([("qvit-scratch-28", 2), ("vit-scratch-28", 1)])
    let each = comparison.replacing("\"expect\"", with: "\"each\": [\"a\", \"b\"], \"expect\"")
    let tests = judged(try file(claim(each)), evidence)[0].tests
    #expect(tests.map(\.test.dataset) == ["a", "b"] && tests.map(\.title) == ["AUC on a", "AUC on b"])
    #expect(tests[0].estimate != tests[1].estimate)
    // One dataset is no test over datasets: it is no member of the family that is corrected for.
    #expect(tests.allSatisfy { $0.correctedP == nil && $0.comparison?.wilcoxonP.isNaN == true })
  }

  /// Wilcoxon's test is over datasets, and corrected over the whole file.
  @Test func comparisonsHaveTheirFigures() throws {
    let datasets = ["a", "b", "c", "d", "e", "f"]
    let evidence = try evidence(
      [("qvit-scratch-28", 2), ("vit-scratch-28", 1), ("vit-kd-28", 1.9)], datasets: datasets, seeds: [1, 2, 3])
    let other = comparison.replacing("[\"vit-scratch-28\"]", with: "[\"vit-kd-28\"]")
    let accuracy = comparison.replacing("\"auc\"", with: "\"acc\"")
    let file = try file(
      [claim(comparison), claim(other, id: "y"), claim(accuracy, id: "z")].joined(separator: ", "),
      datasets: datasets.map { "\"\($0)\"" }.joined(separator: ", "))
    let results = judged(file, evidence)
    let figures = try results.map { try #require($0.tests[0].comparison) }
    #expect(figures[0].wilcoxonP == 2.0 / 64 && figures[0].wilcoxonCount == 6)
    #expect(figures[0].improvement.value > 0.95 && figures[0].new.value > figures[0].old.value)
    #expect(results.map(\.tests[0].correctedP) == holmCorrected(figures.map(\.wilcoxonP)).map { $0 })
    #expect(figures[0].wrongRanking == nil)
    let wrong = try #require(figures[2].wrongRanking)
    #expect(wrong > 0 && wrong < 0.2)
  }

  @Test func numbersThatAreNotThePapersAreRefused() throws {
    var evidence = Evidence()
    let row = RowName(variant: "vit", regime: .scratch, resolution: 28)
    #expect(evidence.runs(of: row, on: "a").isEmpty && evidence.refusal(of: row, on: "a") == nil)
    evidence = try self.evidence([("vit-scratch-28", 1)])
    #expect(evidence.sharedSeeds(of: [row], on: "a") == [1, 2, 3, 4, 5])
  }

  @Test(arguments: [
    ("\"id\": \"X\"", "expected small letters, digits and hyphens"),
    ("\"id\": \"y\", \"ids\": 1", "unknown key (did you mean 'id'?)"),
  ])
  func mistakesInTheFileAreNamed(key: String, message: String) throws {
    let text = claim(comparison).replacing("\"id\": \"x\"", with: key)
    #expect { try file(text) } throws: { "\($0)".contains("claims[0]") && "\($0)".contains(message) }
    #expect { try file([claim(comparison), claim(comparison)].joined(separator: ",")) } throws: {
      "\($0)".contains("'x' is there twice")
    }
    #expect { try file(claim(comparison.replacing("[\"vit-scratch-28\"]", with: "[\"vit\"]"))) } throws: {
      "\($0)".contains("rows VARIANT-REGIME-RESOLUTION")
    }
    #expect {
      try file(claim("{\"name\": \"n\", \"formula\": \"auc(\", \"expect\": \"above\", \"margin\": 0}"))
    } throws: {
      "\($0)".contains("formula") && "\($0)".contains("expected a name at character 5")
    }
  }
}
