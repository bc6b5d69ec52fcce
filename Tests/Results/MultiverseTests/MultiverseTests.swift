import Architectures
import Artifacts
import Configuration
import Datasets
import Failures
import JSON
import Metrics
import Statistics
import Testing
import VectorMath
import _TestSupport

@testable import Multiverse

@Suite struct MultiverseTests {
  private static let base = #"""
    {"kind": "qvit", "model": {"qubits": 4, "heads": 2, "blocks": 1, "mlp_ratio": 2, "pooling": "mean", "dropout": 0,
     "position_deviation": 0.02, "attention_weights": "softmax", "attention": "auto", "projection": "circuit",
     "circuit": {"output": "linear", "layout": "chain", "sharing": "per-pair", "scope": "all-heads", "layers": 1,
      "reuploading": false, "entangler": "cnot", "angles": "trained", "initial_angles": "uniform", "method": "auto"}},
     "training": {"epochs": 2, "batch_size": 8, "learning_rate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8,
      "milestones": [], "decay": 0.1, "selection": "best-validation-auc"}, "data": {"normalisation": "half"}}
    """#

  private func base() throws -> (file: SettingsFile, directory: TemporaryDirectory) {
    let directory = try TemporaryDirectory()
    try directory.write(Array(Self.base.utf8), to: "qvit.json")
    return (try SettingsFile(path: "\(directory.path)/qvit.json"), directory)
  }

  private func grid(_ axes: String, points: Int = 8, seed: Int = 1) throws -> MultiverseDeclaration {
    let text = #"{"title": "Readings", "axes": [\#(axes)], "points": \#(points), "seed": \#(seed)}"#
    return try MultiverseDeclaration(JSONValue(parsing: Array(text.utf8), path: "grid.json"), path: "grid.json")
  }

  private static let heads = #"{"name": "heads", "setting": "model.heads", "values": [2, 1]}"#
  private static let layout =
    #"{"name": "layout", "setting": "model.circuit.layout", "values": ["chain", "ring", "hur"]}"#
  private static let scope =
    #"{"name": "scope", "setting": "model.circuit.scope", "values": ["all-heads", "per-head"]}"#

  // MARK: The declaration

  @Test func pointsAreTheBaseEachValueByItselfThenDrawnOnes() throws {
    let (file, directory) = try base()
    let points = try grid("\(Self.heads), \(Self.layout), \(Self.scope)", points: 9).points(base: file)
    withExtendedLifetime(directory) {}
    #expect(points.map(\.levels).prefix(5) == [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 2, 0], [0, 0, 1]])
    #expect(points.count == 9)
    #expect(Set(points.map { $0.settings.recorded.canonicalText }).count == 9)
    #expect(points[1].settings.architecture(imageSize: 28, classes: 2).heads == 1)
    #expect(points[2].settings.architecture(imageSize: 28, classes: 2).circuit?.layout.count == 4)
    // More points begin with the fewer ones, and another seed draws others.
    let more = try grid("\(Self.heads), \(Self.layout), \(Self.scope)", points: 11).points(base: file)
    #expect(more.prefix(9).map(\.levels) == points.map(\.levels))
    // The grid has 12 points, whatever the budget.
    #expect(try grid("\(Self.heads), \(Self.layout), \(Self.scope)", points: 100).points(base: file).count <= 12)
  }

  @Test func mistakesSayWhereTheyAre() throws {
    let (file, directory) = try base()
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    let wrongFirst = Self.heads.replacing("[2, 1]", with: "[1, 2]")
    #expect(message { _ = try grid(wrongFirst).points(base: file) }.contains("axes[0].values"))
    let unknown = Self.heads.replacing("model.heads", with: "model.head")
    #expect(message { _ = try grid(unknown).points(base: file) }.contains("an unknown setting"))
    let impossible = Self.heads.replacing("[2, 1]", with: "[2, 3]")
    #expect(message { _ = try grid(impossible).points(base: file) }.contains("heads"))
    for (axes, place) in [
      (Self.heads.replacing("[2, 1]", with: "[2]"), "values"),
      (Self.heads.replacing("[2, 1]", with: "[2, 2]"), "values"),
      ("\(Self.heads), \(Self.heads)", "axes[1]"), (Self.heads.replacing("values", with: "value"), "values"),
      ("", "axes"),
    ] {
      let found = message { _ = try grid(axes) }
      #expect(found.hasPrefix("grid.json") && found.contains(place), "\(found)")
    }
    withExtendedLifetime(directory) {}
  }

  /// The grid that comes with the program.
  @Test func theDefaultGridIsOneOfStudents() throws {
    let grid = try MultiverseDeclaration(path: "\(Fixtures.packageRoot)/pipeline/multiverse.json")
    let base = try SettingsFile(named: "qvit", in: ["\(Fixtures.packageRoot)/pipeline/config"])
    let points = try grid.points(base: base)
    #expect(points.count == grid.budget)
    let effects = grid.axes.reduce(0) { $0 + $1.values.count - 1 }
    #expect(points.dropFirst().prefix(effects).allSatisfy { $0.levels.count { $0 != 0 } == 1 })
    #expect(points.dropFirst(effects + 1).contains { $0.levels.count { $0 != 0 } > 1 })
  }

  // MARK: The report

  private static let labels = (0..<120).map { $0.isMultiple(of: 3) ? 1 : 0 }

  /// A sweep whose scores separate the classes by what the choices add.
  private func sweep(
    _ dataset: String, effects: [[Double]], seeds: [UInt64] = [1, 2, 3, 4, 5, 6], points: Int = 8
  ) throws -> MultiverseReport.Source {
    let (file, directory) = try base()
    defer { withExtendedLifetime(directory) {} }
    let grid = try grid("\(Self.heads), \(Self.layout)", points: points)
    let chosen = try grid.points(base: file)
    var common = RandomStream(seed: 0, purpose: "images of \(dataset)")
    let images = Self.labels.map { _ in common.normal() }
    let runs = chosen.map { point in
      seeds.map { seed -> SweepArtifact.Run? in
        var stream = RandomStream(seed: seed, purpose: "\(dataset) \(point.levels)")
        let separation = 1 + zip(effects, point.levels).reduce(0) { $0 + $1.0[$1.1] }
        let scores = zip(Self.labels, images).map { label, image in
          Float(logistic(separation * (Double(label) - 0.5) + 0.6 * image + 0.2 * stream.normal()))
        }
        return SweepArtifact.Run(
          selectedEpoch: 2, validationAUC: 0.7, validationAccuracy: 0.6, scores: scores.flatMap { [1 - $0, $0] })
      }
    }
    let header = ArtifactHeader(
      kind: .sweep, profile: .paper, dataset: dataset, resolution: 28, title: "t", isOfficial: true, isComparable: true,
      seed: 0, configuration: grid.recorded(chosen, base: file, seeds: seeds).canonicalText,
      model: ArtifactModel(variant: "qvit", regime: .scratch, kind: .qvit))
    return .init(
      sweep: SweepArtifact(
        header: header, axes: grid.axes.map(\.name),
        points: chosen.map {
          .init(levels: $0.levels, settings: $0.settings.recorded.canonicalText, parameterCount: 900)
        }, seeds: seeds, classCount: 2, task: .binary, labels: Self.labels, runs: runs), path: "\(dataset).h5")
  }

  @Test func effectsAreFoundWithTheirSign() throws {
    let report = try MultiverseReport(
      [
        sweep("breastmnist", effects: [[0, 1.5], [0, 0, -0.7]]),
        sweep("pneumoniamnist", effects: [[0, 1.5], [0, 0, -0.7]]),
      ], title: "Readings")
    let auc = report.effects.filter { $0.metric == .auc }
    #expect(auc.map(\.value) == ["1", "ring", "hur"])
    #expect(auc.map(\.base) == ["2", "chain", "chain"])
    let (heads, ring, hur) = (auc[0], auc[1], auc[2])
    #expect(heads.average.value > 0.05 && (heads.correctedP ?? 1) < 0.05)
    #expect((heads.average.interval?.low ?? 0) > 0)
    #expect(hur.average.value < -0.02)
    #expect(ring.average.interval.map { $0.low < 0 && $0.high > 0 } == true)
    for effect in report.effects {
      #expect((effect.average.value - mean(effect.onDatasets.map(\.value))).magnitude < 1e-12)
      #expect(effect.average.interval.map { $0.low < effect.average.value && effect.average.value < $0.high } == true)
    }
    #expect(report.findings.contains { $0.contains("AUC is moved") && $0.contains("heads 1") })
    #expect(report.findings.contains { $0.contains("retinamnist is not among the datasets at hand") })
    let markdown = report.markdown()
    #expect(markdown.contains("BreastMNIST (paper ") && markdown.contains("| base "))
    #expect(report.csv().split(separator: "\n").count == 1 + 6 * 3 + 6 * 4)
    #expect(report.latex().contains("\\begin{longtable}") && report.terminal().contains("Readings"))
  }

  /// Of a complete grid of two choices with two values each, an effect is the mean difference, which is computed here by hand
  /// for every seed and image.
  @Test func anEffectIsTheMeanDifferenceOfACompleteGrid() throws {
    let (file, directory) = try base()
    defer { withExtendedLifetime(directory) {} }
    let axes = "\(Self.heads), \(Self.scope)"
    let points = try grid(axes, points: 4).points(base: file)
    #expect(Set(points.map(\.levels)) == [[0, 0], [1, 0], [0, 1], [1, 1]])
    let source = try sweep("breastmnist", effects: [[0, 0.4], [0, 0, 0]])
    // The same runs under other names: points 0, 1 and two of the others in their place.
    var sweep = source.sweep
    sweep.axes = ["heads", "scope"]
    sweep.points = points.map {
      .init(levels: $0.levels, settings: $0.settings.recorded.canonicalText, parameterCount: 1)
    }
    sweep.runs = Array(sweep.runs.prefix(4))
    sweep.header.configuration = try grid(axes, points: 4).recorded(points, base: file, seeds: sweep.seeds)
      .canonicalText
    let report = try MultiverseReport([.init(sweep: sweep, path: "x")], title: "t")
    let runs = try sweep.runs.map { try $0.map { try sweep.evaluation(of: #require($0)) } }
    func place(_ levels: [Int]) throws -> Int { try #require(points.firstIndex { $0.levels == levels }) }
    let signs = try [([1, 0], 0.5), ([1, 1], 0.5), ([0, 0], -0.5), ([0, 1], -0.5)].map { (try place($0.0), $0.1) }
    let values = sweep.seeds.indices.map { seed in signs.reduce(0) { $0 + $1.1 * runs[$1.0][seed][.auc] } }
    let combined = try sweep.seeds.indices.map { seed in
      try signs.reduce([Double](repeating: 0, count: Self.labels.count)) { sum, part in
        zip(sum, try #require(influences(of: runs[part.0][seed], .auc))).map { $0 + part.1 * $1 }
      }
    }
    let expected = MultipleRuns(values, covariance: errorCovariance(combined))
    let found = try #require(report.effects.first { $0.axis == "heads" && $0.metric == .auc }).average
    #expect((found.value - expected.mean).magnitude < 1e-12)
    let (here, there) = (try #require(found.interval), expected.interval())
    #expect((here.low - there.low).magnitude < 1e-9 && (here.high - there.high).magnitude < 1e-9)
  }

  @Test func whatIsNotOfOneGridIsRefused() throws {
    let one = try sweep("breastmnist", effects: [[0, 0], [0, 0, 0]])
    func failure(_ sources: [MultiverseReport.Source]) -> MultiverseError? {
      do { _ = try MultiverseReport(sources, title: "t") } catch { return error as? MultiverseError }
      return nil
    }
    #expect(failure([one, one]) == .twice(dataset: "breastmnist", first: "breastmnist.h5", second: "breastmnist.h5"))
    let other = try sweep("pneumoniamnist", effects: [[0, 0], [0, 0, 0]], seeds: [1, 2])
    #expect(failure([one, other]) == .differentGrids(first: "breastmnist.h5", second: "pneumoniamnist.h5"))
    var sweep = one.sweep
    sweep.runs[2][1] = nil
    #expect(failure([.init(sweep: sweep, path: "x")]) == .incomplete(path: "x", missing: 1))
    let few = try self.sweep("breastmnist", effects: [[0, 0], [0, 0, 0]], points: 3)
    #expect(failure([few]) == .undetermined(points: 3, effects: 3))
  }

  /// One seed says nothing of another.
  @Test func oneSeedHasNoInterval() throws {
    let report = try MultiverseReport([sweep("breastmnist", effects: [[0, 1], [0, 0, 0]], seeds: [1])], title: "t")
    #expect(report.effects.allSatisfy { $0.average.interval == nil && $0.correctedP == nil })
    #expect(report.readings.allSatisfy { $0.isCompatible == nil })
    #expect(report.findings.count { $0.contains("is not known with so few seeds") } >= 2)
    #expect(!report.findings.contains { $0.contains("No choice moves") || $0.contains("0 of") || $0.contains("nan") })
    #expect(!report.markdown().contains("NaN") && !report.csv().contains("NaN"))
  }

  // MARK: The artifact

  @Test func aSweepIsReadAsItWasWritten() throws {
    let directory = try TemporaryDirectory()
    var sweep = try self.sweep("breastmnist", effects: [[0, 0], [0, 0, 0]], seeds: [3, 9]).sweep
    sweep.header.descent = Descent(Generation(images: images))
    sweep.runs[1][0] = nil
    let path = "\(directory.path)/s.h5"
    try sweep.write(to: path)
    let (found, _) = try SweepArtifact.read(path: path)
    #expect(found == sweep && !found.isComplete)
  }

  private var images: ImageDescent {
    ImageDescent(
      contentSHA256: "00ff", resultsVersion: Software.resultsVersion, resolution: 28, origin: .official,
      source: .file(name: "breastmnist.npz", md5: "0123", sha256: "4567"), imagesSHA256: "a", labelsSHA256: "b")
  }
}
