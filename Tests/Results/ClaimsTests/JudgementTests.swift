import JSON
import Statistics
import Testing

@testable import Claims

/// The rules of docs/claims.md, at their boundaries.
@Suite struct JudgementTests {
  private func test(_ expect: String, value: Double = 0, margin: Double = 0.01) throws -> TestDeclaration {
    let json = """
      {"datasets": ["a"], "smallest_difference": {"auc": 0.01, "acc": 0.02}, "claims": [{"id": "x", "claim": "c", "where": "w",
       "tests": [{"name": "n", "formula": "auc(vit-scratch-28)", "expect": "\(expect)", "value": \(value), "margin": \(margin)}]}]}
      """
    return try ClaimFile(JSONValue(parsing: Array(json.utf8), path: "x"), path: "x").claims[0].tests[0]
  }

  /// A number whose 95% interval has this half-width, as of many seeds on as many images as you like.
  private func judgement(_ test: TestDeclaration, _ value: Double, halfWidth: Double) -> Judgement {
    let deviation = halfWidth / 1.959_963_984_540_054
    return Judgement(
      test: test, value: value,
      uncertainty: RunUncertainty([.init(count: 20, seedVariance: 0, imageVariance: deviation * deviation)]),
      isBounded: false)
  }

  @Test(arguments: [
    // value, half-width, above 0 by .01, below 0 by .01, near 0 ± .01
    (0.03, 0.015, Verdict.confirmed, Verdict.contradicted, Verdict.contradicted),
    (0.03, 0.04, .undecided, .undecided, .undecided),
    (0.005, 0.003, .contradicted, .contradicted, .confirmed),
    (0.005, 0.02, .undecided, .undecided, .undecided),
    (-0.03, 0.015, .contradicted, .confirmed, .contradicted),
    (0.0095, 0.004, .undecided, .contradicted, .undecided),
    (-0.0095, 0.004, .contradicted, .undecided, .undecided),
    (0.0, 0.02, .undecided, .undecided, .undecided),
    (0.0, 0.0119, .undecided, .undecided, .confirmed),
  ])
  func verdictsFollowFromIntervals(
    value: Double, halfWidth: Double, above: Verdict, below: Verdict, near: Verdict
  ) throws {
    #expect(judgement(try test("above"), value, halfWidth: halfWidth).verdict == above)
    #expect(judgement(try test("below"), value, halfWidth: halfWidth).verdict == below)
    #expect(judgement(try test("near"), value, halfWidth: halfWidth).verdict == near)
  }

  @Test func countsAreDecidedAtOnce() throws {
    func verdict(_ expect: String, _ target: Double, _ margin: Double, _ value: Double) throws -> Verdict {
      Judgement(
        test: try test(expect, value: target, margin: margin), value: value, uncertainty: RunUncertainty([]),
        isBounded: false
      ).verdict
    }
    #expect(try verdict("near", 4, 0.5, 4.07) == .confirmed && verdict("near", 4, 0.5, 4.51) == .contradicted)
    #expect(try verdict("above", 256, 0, 2) == .contradicted && verdict("above", 1, 0, 2) == .confirmed)
    #expect(try verdict("above", 2, 0, 2) == .contradicted && verdict("below", 2, 0, 2) == .contradicted)
    #expect(try verdict("near", 1, 0, 1) == .confirmed)
  }

  @Test func singleRunsDecideNothing() throws {
    let judgement = Judgement(test: try test("above"), value: 0.5, uncertainty: nil, isBounded: false)
    #expect(judgement.verdict == .undecided && judgement.interval == nil && judgement.pValue == nil)
    #expect(judgement.seedsNeeded == nil)
  }

  @Test func pValuesAreThoseOfStudentsTest() throws {
    let uncertainty = RunUncertainty([.init(count: 6, seedVariance: 0.0004, imageVariance: 0)])
    func p(_ expect: String, _ value: Double) throws -> Double? {
      Judgement(test: try test(expect), value: value, uncertainty: uncertainty, isBounded: false).pValue
    }
    // t = 2.571 with 5 degrees of freedom is the 5% point.
    #expect(abs((try #require(try p("above", 0.02 * 2.570_582))) - 0.05) < 1e-6)
    #expect(try p("above", 0.03) == p("below", -0.03))
    // Halfway between the margins both one-sided tests are the same: t = .01/.02.
    let tail = StudentT(degreesOfFreedom: 5).upperTail(0.5)
    #expect(abs((try #require(try p("near", 0))) - tail) < 1e-12)
    // Elsewhere it is that of the nearer one: .005 from it, on either side.
    let nearer = StudentT(degreesOfFreedom: 5).upperTail(0.25)
    for value in [0.005, -0.005] { #expect(abs((try #require(try p("near", value))) - nearer) < 1e-12) }
  }

  @Test func differencesStayBetweenMinusOneAndOne() throws {
    let uncertainty = RunUncertainty([.init(count: 2, seedVariance: 0.09, imageVariance: 0.01)])
    let bounded = Judgement(test: try test("above"), value: 0.6, uncertainty: uncertainty, isBounded: true)
    let interval = try #require(bounded.interval)
    #expect(interval.low > -1 && interval.high < 1 && interval.contains(0.6))
    // Where the uncertainty is small, the scale makes no difference.
    let small = RunUncertainty([.init(count: 20, seedVariance: 1e-6, imageVariance: 1e-6)])
    let near = try #require(
      Judgement(test: try test("above"), value: 0.02, uncertainty: small, isBounded: true).interval)
    let plain = small.interval(around: 0.02)
    #expect(abs(near.low - plain.low) < 1e-5 && abs(near.high - plain.high) < 1e-5)
  }

  @Test func openQuestionsSayWhatWouldDecideThem() throws {
    let uncertainty = RunUncertainty([.init(count: 5, seedVariance: 0.0002, imageVariance: 0.00001)])
    let open = Judgement(test: try test("above"), value: 0.02, uncertainty: uncertainty, isBounded: false)
    #expect(open.verdict == .undecided)
    #expect(
      open.seedsNeeded == SeedsNeeded.deciding(distance: 0.02, uncertainty))
    let small = Judgement(test: try test("above"), value: 0.004, uncertainty: uncertainty, isBounded: false)
    #expect(
      small.seedsNeeded == SeedsNeeded.deciding(distance: 0.006, uncertainty))
    #expect(judgement(try test("above"), 0.03, halfWidth: 0.01).seedsNeeded == nil)
  }
}
