public import Artifacts
import Configuration
import Datasets
public import Metrics
import Reporting
public import Statistics

/// What a multiverse of readings says: how much each choice moves each measure, and which readings the paper's entries can be
/// of. A pure model that every format renders.
///
/// **Effects.** On one dataset, of the measure y of point p and seed s,
///
///     y[p, s] = μ + Σ_axes β[axis, value of p] + u[s] + ε[p, s],     β[axis, first value] = 0
///
/// The β of each seed by itself are least squares over the points: linear combinations of its measures. Over the seeds, each a
/// reader, and the test images, each a case, they are analysed as any difference of rows is (`MultipleRuns`): points are paired by
/// seed and by image, and what all points of a seed have in common, u, cancels. Interactions of choices are not in the model:
/// an effect is the mean over the points at hand, and what interactions make of it at one point is none of the interval.
///
/// **Readings.** An entry of the paper is a single run: a reading is compatible with it where it lies in the interval of one
/// more run elsewhere (`RunPrediction`), and with all m entries at once where it lies in each of the intervals of
/// probability 1 − .05/m.
public struct MultiverseReport: Sendable {
  /// A sweep with what it was read from.
  public struct Source: Sendable {
    /// The sweep.
    public let sweep: SweepArtifact
    /// Where it is.
    public let path: String

    /// A sweep.
    public init(sweep: SweepArtifact, path: String) {
      self.sweep = sweep
      self.path = path
    }
  }

  /// A number with what is known about it.
  public struct Estimate: Sendable, Equatable {
    /// The value.
    public let value: Double
    /// Its 95% interval for other seeds and other images; nil where there is one seed, or the measure has no variance.
    public let interval: Interval?
    /// What other seeds would change.
    public let seedDeviation: Double?
    /// What other test images would change.
    public let imageDeviation: Double?
    /// Two-sided P of a value of 0.
    public let pValue: Double?
  }

  /// How much a value of a choice moves a measure against the base's.
  public struct Effect: Sendable, Equatable {
    /// The choice.
    public let axis: String
    /// The value.
    public let value: String
    /// The base's.
    public let base: String
    /// The measure.
    public let metric: Metric
    /// On each dataset.
    public let onDatasets: [Estimate]
    /// The mean over the datasets.
    public let average: Estimate
    /// P of the average, by Holm's correction over all values and measures; nil without one.
    public internal(set) var correctedP: Double?
  }

  /// An entry of the paper beside a reading's runs.
  public struct Entry: Sendable, Equatable {
    /// Of the dataset with this place.
    public let dataset: Int
    /// The measure.
    public let metric: Metric
    /// Mean over the seeds.
    public let mean: Double
    /// Sample standard deviation over the seeds.
    public let deviation: Double
    /// The paper's value; nil where it has none.
    public let paper: Double?
    /// Where one more run elsewhere lies with a probability of 95%; nil with one seed.
    public let prediction: Interval?
    /// Where it lies with 1 − .05/m.
    public let jointPrediction: Interval?

    /// Whether the paper's value can be such a run; nil where that is not known.
    public var isCompatible: Bool? { Self.contains(prediction, paper) }
    /// The same for all entries at once.
    public var isJointlyCompatible: Bool? { Self.contains(jointPrediction, paper) }

    private static func contains(_ interval: Interval?, _ value: Double?) -> Bool? {
      guard let interval, let value else { return nil }
      // The paper prints three decimals.
      return value >= interval.low - 0.0005 && value <= interval.high + 0.0005
    }
  }

  /// A point of the grid.
  public struct Reading: Sendable, Equatable {
    /// What differs from the base: "layout ring, heads 1"; "base" where nothing does.
    public let name: String
    /// Trained numbers, on the first dataset.
    public let parameterCount: Int
    /// Its entries, by dataset and measure.
    public let entries: [Entry]

    /// Whether all of the paper's entries can be runs of it; nil where that is not known.
    public var isCompatible: Bool? {
      let known = entries.filter { $0.paper != nil }
      guard !known.isEmpty, known.allSatisfy({ $0.jointPrediction != nil }) else { return nil }
      return known.allSatisfy { $0.isJointlyCompatible == true }
    }
  }

  /// What the tables are called.
  public let title: String
  /// The datasets by their names.
  public let datasets: [String]
  /// The side of the images in pixels.
  public let resolution: Int
  /// The variant that every point begins with.
  public let base: String
  /// The seeds of each point.
  public let seeds: [UInt64]
  /// The effects, by axis, value and measure.
  public let effects: [Effect]
  /// The readings, the base first.
  public let readings: [Reading]
  /// The profile of the artifacts.
  public let profile: Profile
  /// The version of the software.
  public let softwareVersion: String

  /// The report on sweeps of one grid, a dataset each.
  /// - Throws: `MultiverseError`, `EvaluationError`, `SettingsError`.
  /// - Precondition: there is one.
  public init(_ sources: [Source], title: String) throws {
    guard let first = sources.first else { preconditionFailure("no sweep") }
    for (index, source) in sources.enumerated() {
      let (sweep, header) = (source.sweep, source.sweep.header)
      let missing = sweep.runs.joined().count { $0 == nil }
      guard missing == 0 else { throw MultiverseError.incomplete(path: source.path, missing: missing) }
      guard sweep.axes == first.sweep.axes, sweep.points.map(\.levels) == first.sweep.points.map(\.levels),
        sweep.points.map(\.settings) == first.sweep.points.map(\.settings), sweep.seeds == first.sweep.seeds,
        header.resolution == first.sweep.header.resolution, header.profile == first.sweep.header.profile
      else { throw MultiverseError.differentGrids(first: first.path, second: source.path) }
      if let other = sources[..<index].first(where: { $0.sweep.header.dataset == header.dataset }) {
        throw MultiverseError.twice(dataset: header.dataset, first: other.path, second: source.path)
      }
    }
    let sweep = first.sweep
    let axes = try MultiverseDeclaration.axes(recordedIn: sweep.header.configuration, path: first.path)
    guard axes.map(\.name) == sweep.axes,
      sweep.points.allSatisfy({ zip($0.levels, axes).allSatisfy { $0 < $1.values.count } })
    else {
      throw ArtifactError.invalidValue(
        path: first.path, object: "/configuration", expected: "the choices and values that its points have",
        found: "others")
    }
    self.title = title
    datasets = sources.map(\.sweep.header.dataset)
    resolution = sweep.header.resolution
    base = sweep.header.model?.variant ?? ""
    seeds = sweep.seeds
    profile = sweep.header.profile
    softwareVersion = Software.version
    let measured = try sources.map { source in
      try source.sweep.runs.map { try $0.compactMap { run in try run.map { try source.sweep.evaluation(of: $0) } } }
    }
    effects = try Self.effects(axes, sweep, measured)
    readings = Self.readings(axes, sources.map(\.sweep), measured)
  }

  // MARK: Effects

  private static func effects(
    _ axes: [MultiverseDeclaration.Axis], _ sweep: SweepArtifact, _ measured: [[[SplitEvaluation]]]
  ) throws(MultiverseError) -> [Effect] {
    let columns = axes.indices.flatMap { axis in axes[axis].values.indices.dropFirst().map { (axis: axis, level: $0) } }
    let design = sweep.points.map { point in
      [1] + columns.map { point.levels[$0.axis] == $0.level ? 1.0 : 0 }
    }
    guard let model = LeastSquares(design: design) else {
      throw .undetermined(points: sweep.points.count, effects: columns.count)
    }
    var effects: [Effect] = []
    for (index, column) in columns.enumerated() {
      for metric in Metric.allCases {
        let analyses = measured.map { analysis(model.weights[index + 1], $0, metric) }
        let share = 1 / Double(analyses.count)
        let parts = analyses.compactMap { $0.uncertainty?.parts }
        let average = estimate(
          analyses.reduce(0) { $0 + $1.value } * share,
          parts.count == analyses.count ? RunUncertainty(parts.flatMap(\.self)).scaled(by: share) : nil)
        let axis = axes[column.axis]
        effects.append(
          Effect(
            axis: axis.name, value: axis.text(column.level), base: axis.text(0), metric: metric,
            onDatasets: analyses.map { estimate($0.value, $0.uncertainty) }, average: average, correctedP: nil))
      }
    }
    let corrected = holmCorrected(effects.map { $0.average.pValue ?? .nan })
    for (place, value) in corrected.enumerated() where !value.isNaN { effects[place].correctedP = value }
    return effects
  }

  /// A combination of the points with these weights, seed by seed and image by image.
  private static func analysis(
    _ weights: [Double], _ measured: [[SplitEvaluation]], _ metric: Metric
  ) -> (value: Double, uncertainty: RunUncertainty?) {
    let seeds = measured[0].indices
    let images = measured[0][0].imageCount
    var values = seeds.map { _ in 0.0 }
    var combined = seeds.map { _ in [Double](repeating: 0, count: images) }
    var hasInfluences = true
    for (weight, runs) in zip(weights, measured) where weight != 0 {
      for (seed, run) in runs.enumerated() {
        values[seed] += weight * run[metric]
        guard let found = influences(of: run, metric) else {
          hasInfluences = false
          continue
        }
        for image in found.indices { combined[seed][image] += weight * found[image] }
      }
    }
    let analysis = MultipleRuns(values, covariance: errorCovariance(combined))
    return (analysis.mean, hasInfluences && values.count > 1 ? analysis.uncertainty : nil)
  }

  private static func estimate(_ value: Double, _ uncertainty: RunUncertainty?) -> Estimate {
    guard let uncertainty, uncertainty.variance.isFinite else {
      return Estimate(value: value, interval: nil, seedDeviation: nil, imageDeviation: nil, pValue: nil)
    }
    return Estimate(
      value: value, interval: uncertainty.interval(around: value),
      seedDeviation: uncertainty.seedVariance.squareRoot(), imageDeviation: uncertainty.imageVariance.squareRoot(),
      pValue: uncertainty.twoSidedP(of: value))
  }

  // MARK: Readings

  private static func readings(
    _ axes: [MultiverseDeclaration.Axis], _ sweeps: [SweepArtifact], _ measured: [[[SplitEvaluation]]]
  ) -> [Reading] {
    let papers = sweeps.map { sweep -> PaperResults.Entry? in
      guard sweep.header.isComparable, let model = sweep.header.model, let kind = model.kind else { return nil }
      // The readings are all of the paper's model of their kind, whatever the base is called.
      let papers = ArtifactModel(variant: kind.rawValue, regime: .scratch, kind: kind)
      return PaperResults.entry(
        table: 1, model: papers, resolution: sweep.header.resolution, dataset: sweep.header.dataset)
    }
    let count = papers.reduce(0) { sum, entry in sum + Metric.allCases.count { entry?[$0] != nil } }
    let joint = 1 - 0.05 / Double(max(count, 1))
    return sweeps[0].points.indices.map { point in
      let levels = sweeps[0].points[point].levels
      let differences = zip(axes, levels).filter { $0.1 != 0 }.map { "\($0.0.name) \($0.0.text($0.1))" }
      var entries: [Entry] = []
      for dataset in sweeps.indices {
        let runs = measured[dataset][point]
        for metric in Metric.allCases {
          let values = runs.map { $0[metric] }
          entries.append(
            Entry(
              dataset: dataset, metric: metric, mean: mean(values),
              deviation: values.count > 1 ? sampleVariance(values).squareRoot() : .nan,
              paper: papers[dataset]?[metric], prediction: RunPrediction(runs, metric)?.elsewhere,
              jointPrediction: RunPrediction(runs, metric, confidence: joint)?.elsewhere))
        }
      }
      return Reading(
        name: differences.isEmpty ? "base" : differences.joined(separator: ", "),
        parameterCount: sweeps[0].points[point].parameterCount, entries: entries)
    }
  }
}
