import Artifacts
import Metrics
import JSON
import Training
public import CommandLineKit
import Configuration
import Datasets
import Failures
import Files
import Glibc
import StageSupport
import Threads

/// `sweep`: a dataset artifact and a grid of readings become one artifact with a run of every point and seed.
public enum SweepStage {
  /// The options.
  public static let command = Command(
    name: "sweep",
    summary: "Train many readings of a student with many seeds, all in one process and into one file.",
    discussion: """
      --grid declares choices, their values and how many points of the grid are trained (docs/controls.md); --config is \
      what every point begins with. Each run is what train and evaluate give for its settings and its seed, bit for bit, \
      whatever the number of threads, which work on different runs.

      Runs that the output or its checkpoint NAME.ckpt.h5 has already, with the same settings, seed and images, are taken \
      over, so that more seeds or points cost only the new ones. With fewer, the earlier sweep is kept as NAME.earlier.h5, \
      from which runs are taken over as well. Interrupted, it saves the runs that are done and exits with 75; the same \
      command resumes.
      """,
    options: [
      Option("data", .path, "Dataset artifact.", presence: .required),
      Option("grid", .path, "Choices and their values (JSON).", presence: .required),
      Option("config", .path, "Settings file of the student that every point begins with (JSON).", presence: .required),
      Option(
        "seeds", .list(of: .integer(in: 0...Int(Int32.max))), "Seeds of each point.", presence: .required),
      Option("points", .integer(in: 1...10_000), "Number of points instead of the grid's."),
      .threads,
      .checkpointInterval,
      .quiet,
      Option("output", .path, "Sweep artifact to write.", presence: .required),
    ],
    examples: [
      "sweep --data artifacts/sample/data/breastmnist-28.h5 --grid pipeline/multiverse.json \\\n"
        + "    --config artifacts/sample/settings/qvit.json --seeds \"1 2 3 4 5\" --output sweep.h5"
    ])

  /// Sweeps.
  public static func run(_ arguments: ParsedArguments) throws {
    let output = arguments.string("output")
    let target = try arguments.claimOutput()
    var grid = try MultiverseDeclaration(path: arguments.string("grid"))
    if let points = arguments.optionalInteger("points") {
      guard points > grid.effectCount else {
        throw UsageError(
          "--points: \(points) do not tell the effects of \(grid.effectCount) values apart: at least "
            + "\(grid.effectCount + 1)")
      }
      grid.budget = points
    }
    let base = try SettingsFile(path: arguments.string("config"))
    let points = try grid.points(base: base)
    let seeds = arguments.integers("seeds").map { UInt64($0) }
    let dataset = try DatasetArtifact(path: arguments.string("data"))
    for point in points { try dataset.requireValidation(for: point.settings.training.selection) }
    let pool = WorkerPool(threads: arguments.threadCount)
    var sweep = try emptySweep(grid, points, seeds, base: base, dataset)
    let checkpoint = Companion.checkpoint.path(besides: output)
    let kept = Companion.earlierSweep.path(besides: output)
    var isWritten = false
    var mostBeyond = 0
    for path in [kept, output, checkpoint] where fileExists(path) {
      guard let earlier = try earlierSweep(path) else { continue }
      sweep.takeOver(earlier)
      isWritten = isWritten || (path == output && earlier.header == sweep.header && earlier.isComplete)
      // One is kept, that which has most of what this sweep has no place for.
      let beyond = earlier.runCount(beyond: sweep)
      guard beyond > mostBeyond else { continue }
      mostBeyond = beyond
      if path != kept { try keep(path, as: kept) }
    }
    if isWritten {
      if arguments.progressStyle.isShown { writeToStandardError("sweep \(sweep.header.title): complete already\n") }
      return
    }
    let runs = try SweepRuns(sweep, points: points, dataset: dataset, pool: pool, checkpoint: checkpoint)
    let complete = try runs.complete(
      checkpointInterval: arguments.checkpointInterval, style: arguments.progressStyle)
    try complete.write(to: target)
    unlink(checkpoint)
  }

  private static func emptySweep(
    _ grid: MultiverseDeclaration, _ points: [MultiverseDeclaration.Point], _ seeds: [UInt64], base: SettingsFile,
    _ dataset: DatasetArtifact
  ) throws -> SweepArtifact {
    let variant = base.name
    let header = ArtifactHeader(
      kind: .sweep, of: dataset.header,
      title: "\(points.count) readings of \(variant)_\(dataset.header.resolution) on \(dataset.header.dataset), "
        + "\(seeds.count) seeds each",
      seed: 0, configuration: grid.recorded(points, base: base, seeds: seeds).canonicalText, inputs: [dataset.asInput],
      model: ArtifactModel(variant: variant, regime: .scratch, kind: points[0].settings.kind),
      descent: Descent(Generation(images: try dataset.asDescent())))
    let classes = dataset.contents.classNames.count
    return SweepArtifact(
      header: header, axes: grid.axes.map(\.name),
      points: points.map { point in
        SweepArtifact.Point(
          levels: point.levels, settings: point.settings.recorded.canonicalText,
          parameterCount: point.settings.trainedCount(imageSize: dataset.header.resolution, classes: classes))
      }, seeds: seeds, classCount: classes, task: dataset.contents.task,
      labels: try dataset.labels(.test).map(Int.init),
      runs: points.map { _ in seeds.map { _ in nil } })
  }

  /// Gives a sweep that is about to be replaced a second name.
  private static func keep(_ path: String, as kept: String) throws {
    unlink(kept)
    guard link(path, kept) == 0 else { throw FileError(.publish, path: kept, errorNumber: errno) }
  }

  /// What an earlier sweep has left; nil with a line on standard error where it cannot be read.
  private static func earlierSweep(_ path: String) throws -> SweepArtifact? {
    do { return try SweepArtifact.read(path: path).sweep } catch let failure as any Failure
      where failure.kind == .badData
    {
      writeToStandardError("sweep: warning: \(path): cannot be used (\(failure)); its runs are made again\n")
      return nil
    }
  }
}

extension SweepArtifact {
  /// Whether runs of the same settings and seed are the same in both: of the same images, by versions with the same results.
  private func sharesRuns(with other: SweepArtifact) -> Bool {
    other.header.inputs == header.inputs && other.header.resultsVersion == header.resultsVersion
      && other.labels == labels && other.classCount == classCount
  }

  /// How many runs there are that another sweep could take over and has no place for.
  func runCount(beyond other: SweepArtifact) -> Int {
    guard sharesRuns(with: other) else { return 0 }
    let (settings, seeds) = (Set(other.points.map(\.settings)), Set(other.seeds))
    return points.indices.reduce(0) { count, point in
      let isThere = settings.contains(points[point].settings)
      return count + self.seeds.indices.count { runs[point][$0] != nil && !(isThere && seeds.contains(self.seeds[$0])) }
    }
  }

  /// Takes the runs that another sweep has of the same settings, seeds and images, made by a version with the same results.
  mutating func takeOver(_ other: SweepArtifact) {
    guard sharesRuns(with: other) else { return }
    for (here, point) in points.enumerated() {
      guard let there = other.points.firstIndex(where: { $0.settings == point.settings }) else { continue }
      for (index, seed) in seeds.enumerated() {
        guard let place = other.seeds.firstIndex(of: seed), let run = other.runs[there][place] else { continue }
        runs[here][index] = run
      }
    }
  }
}
