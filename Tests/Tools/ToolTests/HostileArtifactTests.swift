import Artifacts
import Datasets
import Testing
import _ArtifactSamples
import _TestSupport

/// Whole stages on artifacts that are sealed and say what does not fit.
@Suite("Sealed artifacts that do not fit") struct HostileArtifactTests {
  private let train = "--data d.h5 --seed 1 --config vit.json --epochs 1 --quiet --output s.h5"

  @Test("a binary task of three classes") func classes() throws {
    let bench = try Bench()
    try bench.writeSettings()
    var header = Sample.header(.dataset)
    header.isLeaking = false
    let counts: [Split: Int] = [.train: 6, .val: 6, .test: 6]
    let contents = DatasetContents(
      task: .binary, licence: "none", citation: "none", classNames: ["a", "b", "c"], channels: 1, counts: counts,
      source: .generator(name: "sample", version: 1))
    var writer = try DatasetArtifactWriter(path: bench.directory.file("d.h5"), header: header, contents: contents)
    for split in Split.allCases {
      try [UInt8](repeating: 7, count: 6 * 784).withUnsafeBufferPointer {
        _ = try writer.appendImages(split, $0, count: 6)
      }
      try writer.finish(
        split, labels: [0, 1, 2, 0, 1, 2],
        statistics: SplitStatistics(
          classCounts: [2, 2, 2], channels: [ChannelStatistics(mean: 7, minimum: 7, maximum: 7)], blankImages: 6,
          duplicateImages: [:]))
    }
    _ = try writer.publish(duplicates: [], pairCount: 0)
    let result = try bench.run(.train, train)
    #expect(result.status == 65)
    #expect(result.errors == "train: error: d.h5: /class_names: expected 2 classes of a binary-class task, found 3\n")
  }

  @Test("a split without images") func emptySplit() throws {
    let bench = try Bench()
    try bench.writeSettings()
    try Sample.dataset.write(to: bench.directory.file("d.h5"))
    try bench.complete(.train, train)
    let result = try bench.run(.evaluate, "--data d.h5 --model s.h5 --output e.h5")
    #expect(result.status == 65)
    #expect(result.errors == "evaluate: error: d.h5: /test/images: expected at least one image, found none\n")
  }

  /// A table of an evaluation whose teacher is said to have seen images of no size.
  @Test("an impossible resolution in the configuration", arguments: ["-1e300", "0", "1e-300"])
  func resolution(text: String) throws {
    let bench = try Bench()
    try bench.writeSettings()
    try bench.complete(
      .prepareData, "--dataset breastmnist --resolution 28 --source sample --profile paper --quiet --output d.h5")
    try bench.complete(.train, train)
    let name = "evaluations/vit-scratch/breastmnist-28-s1.h5"
    try bench.directory.makeDirectories("evaluations/vit-scratch")
    try bench.complete(.evaluate, "--data d.h5 --model s.h5 --output \(name)")
    var (evaluation, _) = try EvaluationArtifact.read(path: bench.directory.file(name))
    let added = #"{"distillation":{"teacher":{"data":{"resolution":\#(text)}}},"#
    evaluation.header.configuration = added + evaluation.header.configuration.dropFirst()
    try evaluation.write(to: bench.directory.file(name))
    try bench.plan()
    let result = try bench.run(.report, "--table ./settings/tables/table1.json --output t")
    #expect(result.status == 0, "\(result.errors)")
    #expect(!result.output.contains("pixel images enlarged"))
  }
}
