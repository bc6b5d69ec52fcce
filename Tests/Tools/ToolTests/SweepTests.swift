import Datasets
import Glibc
import Metrics
import Testing
import _TestSupport

@testable import Artifacts

@Suite("Sweeps and floors", .timeLimit(.minutes(20)))
struct SweepTests {
  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.writeSettings()
    try bench.complete(
      .prepareData, "--dataset breastmnist --resolution 28 --source sample --profile paper --quiet --output d.h5")
    try bench.directory.write(
      #"""
      {"title": "Readings", "points": 7, "seed": 3, "axes": [
        {"name": "heads", "setting": "model.heads", "values": [2, 1]},
        {"name": "dropout", "setting": "model.dropout", "values": [0, 0.1]},
        {"name": "pooling", "setting": "model.pooling", "values": ["mean", "class-token"]},
        {"name": "selection", "setting": "training.selection", "values": ["best-validation-auc", "last-epoch"]}]}
      """#, to: "grid.json")
  }

  private func words(_ output: String, seeds: String = "1 2", _ options: String = "--quiet", grid: String = "grid")
    -> String
  {
    "--data d.h5 --grid \(grid).json --config qvit.json --seeds \"\(seeds)\" \(options) --output \(output).h5"
  }

  private func path(_ name: String) -> String { "\(bench.directory.path)/\(name)" }

  @Test("A run of a sweep is what train and evaluate give, bit for bit")
  func equalsTrainAndEvaluate() throws {
    try bench.complete(.sweep, words("w"))
    let sweep = try SweepArtifact.read(path: path("w.h5")).sweep
    #expect(sweep.points.count == 7 && sweep.isComplete)
    #expect(Set(sweep.runs.joined().map { $0?.scores }).count > 7)
    for (index, point) in sweep.points.enumerated() {
      try bench.directory.write(point.settings, to: "point.json")
      for (place, seed) in sweep.seeds.enumerated() {
        try bench.complete(.train, "--data d.h5 --config point.json --seed \(seed) --quiet --output s.h5")
        try bench.complete(.evaluate, "--data d.h5 --model s.h5 --output e.h5")
        let evaluation = try EvaluationArtifact.read(path: path("e.h5")).evaluation
        let run = try #require(sweep.runs[index][place])
        #expect(run.scores == evaluation[.test]?.scores)
        #expect(run.selectedEpoch == evaluation.selectedEpoch)
        #expect(point.parameterCount == evaluation.parameterCount)
        #expect(run.validationAccuracy == evaluation[.val]?[.accuracy])
        #expect(try sweep.evaluation(of: run)[.auc] == evaluation[.test]?[.auc])
      }
    }
  }

  @Test("The same bytes from one thread and two, at once and in parts, and nothing twice")
  func sameBytes() throws {
    try bench.complete(.sweep, words("one", "--quiet --threads 1"))
    try bench.complete(.sweep, words("two", "--quiet --threads 2"))
    let whole = try bench.directory.bytes("one.h5")
    #expect(try bench.directory.bytes("two.h5") == whole)
    // First one seed, then both: those that are there are taken over.
    try bench.complete(.sweep, words("parts", seeds: "2"))
    let grown = try bench.complete(.sweep, words("parts", ""))
    #expect(grown.errors.contains("7 of 14 runs are there"), "\(grown.errors)")
    #expect(try bench.directory.bytes("parts.h5") == whole)
    let again = try bench.complete(.sweep, words("parts", ""))
    #expect(again.errors.contains("complete already"), "\(again.errors)")
    // With fewer seeds the others are not lost: asked for again, nothing is trained.
    try bench.complete(.sweep, words("parts", seeds: "2"))
    #expect(try SweepArtifact.read(path: path("parts.h5")).sweep.seeds == [2])
    #expect(try bench.directory.bytes("parts.earlier.h5") == whole)
    let restored = try bench.complete(.sweep, words("parts", ""))
    #expect(restored.errors.contains("14 of 14 runs are there"), "\(restored.errors)")
    #expect(try bench.directory.bytes("parts.h5") == whole)
    unlink(bench.directory.file("parts.earlier.h5"))
    // What is damaged is made again.
    var damaged = whole
    damaged[damaged.count / 2] ^= 1
    try bench.directory.write(damaged, to: "parts.h5")
    let mended = try bench.complete(.sweep, words("parts"))
    #expect(mended.errors.contains("cannot be used"), "\(mended.errors)")
    #expect(try bench.directory.bytes("parts.h5") == whole)
  }

  @Test("Interrupted, the same command ends in the same bytes")
  func interrupted() throws {
    try bench.writeSettings("long", extending: "student", #""training": {"epochs": 8}"#)
    try bench.writeSettings("qvit", extending: "long", String(longStudent.dropFirst().dropLast()))
    try bench.complete(.sweep, words("whole"))
    var stops = 0
    while !bench.directory.contains("cut.h5"), stops < 100 {
      let process = try bench.start(.sweep, words("cut", "--quiet --threads 1 --checkpoint-interval 0"))
      bench.directory.await("cut.h5.part")
      // Long enough that at least one run ends, or the loop would not.
      usleep(useconds_t(250_000 + 50_000 * stops))
      process.signal(SIGTERM)
      let result = try process.wait()
      #expect(result.status == 75 || result.status == 0, "\(result)")
      stops += 1
    }
    #expect(try bench.directory.bytes("cut.h5") == bench.directory.bytes("whole.h5"))
    #expect(!bench.directory.contains("cut.ckpt.h5"))
  }

  private var longStudent: String {
    #"{"kind": "qvit", "model": {"projection": "circuit", "circuit": {"layout": "chain", "sharing": "per-pair", "scope": "all-heads", "layers": 1, "reuploading": false, "entangler": "cnot", "angles": "trained", "initial_angles": "uniform", "method": "auto"}}}"#
  }

  @Test("Bad input is one line with its place")
  func badInput() throws {
    func refused(_ words: String, _ status: Int32, _ message: String) throws {
      let result = try bench.run(.sweep, words)
      #expect(result.status == status && result.errors.contains(message), "\(result)")
      #expect(result.errors.split(separator: "\n").count == 1)
    }
    try refused(words("w", grid: "absent"), 66, "absent.json")
    try bench.directory.write(
      bench.directory.text("grid.json").replacing("[2, 1]", with: "[1, 2]"), to: "bad.json")
    try refused(words("w", grid: "bad"), 65, "axes[0].values")
    try bench.directory.write("{", to: "bad.json")
    try refused(words("w", grid: "bad"), 65, "bad.json")
    try refused(words("w", seeds: "1 1"), 64, "seeds")
    try refused(words("d"), 64, "would write d.h5")
    try refused(
      words("w", "--quiet --points 4"), 64, "--points: 4 do not tell the effects of 4 values apart: at least 5")
    let multiverse = try bench.run(.multiverse, "--sweeps d.h5 --grid grid.json --output m")
    #expect(multiverse.status == 65 && multiverse.errors.contains("sweep"), "\(multiverse)")
    #expect(!bench.directory.contains("m.md"))
  }

  @Test("Sweeps become a table of effects")
  func table() throws {
    try bench.complete(.sweep, words("w", seeds: "1 2 3"))
    let result = try bench.complete(.multiverse, "--sweeps w.h5 --grid grid.json --output m")
    #expect(result.output.contains("7 readings with 3 seeds each"))
    #expect(try bench.directory.text("m.md").contains("| dropout "))
    #expect(try bench.directory.text("m.csv").contains("effect,heads,1,2,average,auc,"))
    #expect(try bench.directory.text("m.tex").contains("\\begin{longtable}"))
  }

  @Test("Floors are measured like models, and nothing in them is random")
  func floors() throws {
    for name in ["logistic-regression", "largest-class"] {
      try bench.directory.write(Fixtures.packageText("pipeline/config/\(name).json"), to: "\(name).json")
      try bench.complete(.evaluate, "--data d.h5 --floor \(name).json --threads 1 --output \(name).h5")
      try bench.complete(.evaluate, "--data d.h5 --floor \(name).json --threads 2 --output again.h5")
      #expect(try bench.directory.bytes("\(name).h5") == bench.directory.bytes("again.h5"))
    }
    let largest = try EvaluationArtifact.read(path: path("largest-class.h5")).evaluation
    let test = try #require(largest[.test])
    // Every image gets the class that most training images have, be it the most frequent here or not.
    let labels = try DatasetArtifact(path: path("d.h5")).labels(.train)
    let most = try #require((0..<2).max { a, b in labels.count { $0 == a } < labels.count { $0 == b } })
    let share = Double(test.labels.count { $0 == most }) / Double(test.labels.count)
    #expect(test[.auc] == 0.5 && test[.accuracy] == share)
    #expect(largest.header.model == ArtifactModel(variant: "largest-class", regime: .floor, kind: nil))
    let regression = try EvaluationArtifact.read(path: path("logistic-regression.h5")).evaluation
    #expect(regression.parameterCount == 785)
    #expect(regression[.test].map { $0[.auc] > 0.5 } == true)
    #expect(regression.header.title.contains("penalty"))
    // One of the three, and no other settings.
    let both = try bench.run(.evaluate, "--data d.h5 --floor largest-class.json --model d.h5 --output x.h5")
    #expect(both.status == 64 && both.errors.contains("--model and --floor do not go together"))
    let none = try bench.run(.evaluate, "--data d.h5 --output x.h5")
    #expect(none.status == 64 && none.errors.contains("--model"))
    for (text, place) in [
      (#"{"floor": "largest-clas"}"#, "floor"),
      (#"{"floor": "logistic-regression", "normalisation": "half", "penalties": [0.1, 1]}"#, "penalties"),
      (#"{"floor": "logistic-regression", "normalisation": "half", "penalties": []}"#, "penalties"),
      (#"{"floor": "largest-class", "penalties": [1]}"#, "penalties"),
    ] {
      try bench.directory.write(text, to: "bad.json")
      let bad = try bench.run(.evaluate, "--data d.h5 --floor bad.json --output x.h5")
      #expect(bad.status == 65 && bad.errors.contains(place), "\(bad)")
    }
  }
}
