import Artifacts
import Datasets
import Failures
import Metrics
import _ArtifactSamples

/// Artifacts whose bytes were changed: the seal must see it before HDF5 sees the file.
final class ArtifactTarget: FuzzTarget {
  static let name = "artifact"
  static let summary = "artifacts changed in any way, seal left as it was"

  private let file: MemoryFile
  private let seeds: [[UInt8]]
  private let mutation = Mutation(tokens: [Array("OHDR".utf8), Array("qvit-sha256 ".utf8), Array("\n".utf8)])

  init(directory: String) throws {
    file = try MemoryFile(in: directory)
    seeds = try artifactSeeds(directory)
  }

  func input(_ choices: inout Choices, number: Int) throws -> [UInt8] {
    let seed = choices.one(of: seeds)
    var bytes = seed
    repeat { mutation.apply(to: &bytes, &choices) } while bytes == seed
    return bytes
  }

  func read(_ input: [UInt8]) throws -> Outcome {
    try file.write(input)
    try readArtifact(file.path)
    throw Finding("a changed artifact was accepted")
  }
}

/// The samples that are small; there is one of every kind.
let smallSamples = Sample.allCases.filter { $0 != .colourDataset }

/// A sealed artifact of each kind.
func artifactSeeds(_ directory: String) throws -> [[UInt8]] {
  try smallSamples.map { sample in
    let path = "\(directory)/\(sample.rawValue).h5"
    try sample.write(to: path)
    return try bytes(path)
  }
}

/// Reads everything in an artifact; `verify` has to agree.
/// - Returns: what was read in words, when it is asked for.
/// - Throws: what the readers throw.
@discardableResult
func readArtifact(_ path: String) throws -> () -> String {
  let (header, digest) = try readHeader(path)
  try verify(path)
  switch header.kind {
  case .dataset:
    let dataset = try DatasetArtifact(path: path)
    let splits = try Split.allCases.map {
      (try dataset.labels($0), try dataset.images($0), try dataset.statistics($0))
    }
    let (duplicates, manifest) = (try dataset.duplicates(), try dataset.manifest())
    return {
      var contents = dataset.contents
      contents.counts = [:]
      // Dictionaries have no order of their own.
      let values = splits.map { labels, images, statistics in
        var statistics = statistics
        let counts = Split.allCases.map { statistics.duplicateImages[$0] ?? -1 }
        statistics.duplicateImages = [:]
        return "\(labels) \(images) \(statistics) \(counts)"
      }
      return "\(dataset.header) \(contents) \(values) \(duplicates) \(manifest) \(digest)"
    }
  case .student:
    let content = try StudentArtifact.read(path: path)
    return { "\(content)" }
  case .teacher:
    var (content, digest) = try TeacherArtifact.read(path: path)
    return {
      let targets = TeacherArtifact.targetSplits.map { "\(String(describing: content.targets[$0]))" }
      content.targets = [:]
      return "\(content) \(targets) \(digest)"
    }
  case .evaluation:
    var (content, digest) = try EvaluationArtifact.read(path: path)
    return {
      let splits = content.splits.map(text)
      content.splits = []
      return "\(content) \(splits) \(digest)"
    }
  case .sweep:
    let (content, digest) = try SweepArtifact.read(path: path)
    return { "\(content) \(digest)" }
  case .checkpoint:
    let content = try CheckpointArtifact.read(path: path, like: Sample.state())
    return { "\(content) \(digest)" }
  }
}

/// Everything in the results on a split, dictionaries in the order of the metrics.
private func text(_ results: SplitEvaluation) -> String {
  let metrics = Metric.allCases.map { "\(results[$0]) \(String(describing: results.bootstrap[$0]))" }
  return "\(results.split) \(results.task) \(results.labels) \(String(describing: results.logits)) \(results.scores) "
    + "\(results.duplicatesOfTrain) \(results.predictions) \(results.undefinedAUC) \(results.confusion) "
    + "\(results.classes) \(results.majorityClass) \(results.majorityBaseline) \(metrics) "
    + "\(results.bootstrap.undefinedReplicates) \(results.bootstrap.settings)"
}

/// Every single byte of an artifact of every kind, changed to another value by chance: detected, or of no consequence.
class FlipTarget: FuzzTarget {
  class var name: String { "flips" }
  class var summary: String { "every byte of an artifact of each kind" }

  let file: MemoryFile
  let seeds: [[UInt8]]
  private let texts: [String]

  required init(directory: String) throws {
    file = try MemoryFile(in: directory)
    seeds = try artifactSeeds(directory)
    texts = try smallSamples.map { try readArtifact("\(directory)/\($0.rawValue).h5")() }
  }

  var count: Int? { seeds.reduce(0) { $0 + $1.count } }

  func input(_ choices: inout Choices, number: Int) throws -> [UInt8] {
    var place = number
    for (index, seed) in seeds.enumerated() {
      if place < seed.count {
        var bytes = seed
        bytes[place] ^= UInt8(1 + choices.index(below: 255))
        return [UInt8(index)] + bytes
      }
      place -= seed.count
    }
    throw Finding("there is no case \(number)")
  }

  func read(_ input: [UInt8]) throws -> Outcome {
    try file.write(Array(input.dropFirst()))
    let (found, expected) = (try readArtifact(file.path)(), texts[Int(input[0])])
    guard found == expected else {
      let same = zip(found, expected).prefix { $0 == $1 }.count
      let pieces = [found, expected].map { $0.dropFirst(max(0, same - 60)).prefix(120) }
      throw Finding("a silent change: \(pieces[0]), expected \(pieces[1])")
    }
    return .harmless
  }
}

/// The same without regard to the seal, to see what the checks behind it are worth: flips that the HDF5 library, the digests
/// of arrays and that of the content are left to find.
final class SealedFlipTarget: FlipTarget, EntersHDF5 {
  override class var name: String { "sealed-flips" }
  override class var summary: String { "the same, sealed again" }

  override var count: Int? { seeds.reduce(0) { $0 + $1.count - Seal.size } }

  override func input(_ choices: inout Choices, number: Int) throws -> [UInt8] {
    var place = number
    for (index, seed) in seeds.enumerated() {
      var content = Seal.removed(from: seed)
      if place < content.count {
        content[place] ^= UInt8(1 + choices.index(below: 255))
        return [UInt8(index)] + Seal.added(to: content)
      }
      place -= content.count
    }
    throw Finding("there is no case \(number)")
  }
}
