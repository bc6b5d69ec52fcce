import CHDF5
import _ArtifactSamples

/// Good HDF5 files, whole and sealed, that are not what an artifact has to be.
final class SchemaTarget: FuzzTarget, EntersHDF5 {
  static let name = "schema"
  static let summary = "sealed artifacts that say something else than they should"

  private let file: MemoryFile
  private let seeds: [[UInt8]]

  init(directory: String) throws {
    file = try MemoryFile(in: directory)
    seeds = try artifactSeeds(directory).map(Seal.removed)
  }

  func input(_ choices: inout Choices, number: Int) throws -> [UInt8] {
    try file.write(choices.one(of: seeds))
    try SchemaMutation.apply(to: file.path, &choices)
    return Seal.added(to: try file.bytes())
  }

  func read(_ input: [UInt8]) throws -> Outcome {
    try file.write(input)
    try readArtifact(file.path)
    return .accepted
  }
}
