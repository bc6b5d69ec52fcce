import Failures
import Files
import Glibc
import VectorMath
import Testing
import _TestSupport

@testable import DatasetSources
import Datasets

/// Damages a small archive in thousands of ways. Whatever is changed, reading ends in a failure or in the original
/// pixels and labels.
@Suite struct MutationTests {
  private static let description = DatasetDescription(
    name: "tiny", title: "Tiny", task: .multiClass, channels: 1, classNames: ["a", "b", "c"], officialCounts: nil,
    licence: "none", citation: "none", officialFiles: [:])

  private static func read(_ path: String) throws -> [UInt8] {
    let file = try MedMNISTFile(path: path, description: description, resolution: 5, allowUnofficial: true)
    var content: [UInt8] = []
    for split in Split.allCases {
      content += file.labels(split).map(UInt8.init)
      try file.readImages(split, batch: 3) { images, _ in content += images }
    }
    return content
  }

  @Test(arguments: ["stored", "deflated", "zip64", "descriptors"])
  func damageIsRefusedOrHarmless(_ name: String) throws {
    let original = try contents(ofFile: Fixtures.path("npz/\(name).npz"))
    let expected = try Self.read(Fixtures.path("npz/\(name).npz"))
    var template = Array("/tmp/qvit-mutation-XXXXXX\0".utf8).map(CChar.init(bitPattern:))
    let directory = try #require(mkdtemp(&template).map { String(cString: $0) })
    let path = "\(directory)/mutant.npz"
    defer {
      unlink(path)
      rmdir(directory)
    }
    var refused = 0
    let mutants = 1000
    for mutant in 0..<mutants {
      var stream = RandomStream(seed: 7, purpose: "mutation \(name)", UInt64(mutant))
      var bytes = original
      switch mutant % 4 {
      case 0: bytes[stream.index(below: bytes.count)] ^= 1 << UInt8(stream.index(below: 8))
      case 1: bytes[stream.index(below: bytes.count)] = UInt8(truncatingIfNeeded: stream.next())
      case 2:
        let start = stream.index(below: bytes.count)
        for index in start..<min(start + 8, bytes.count) { bytes[index] = stream.index(below: 2) == 0 ? 0 : 0xFF }
      default: bytes.removeLast(1 + stream.index(below: bytes.count - 1))
      }
      try write(bytes, to: path)
      do {
        let found = try Self.read(path)
        #expect(found == expected, "mutant \(mutant) of \(name) has other pixels")
      } catch is any Failure {
        refused += 1
      }
    }
    // Most of an archive is covered by checks; what is not (times, attributes) is a small part.
    #expect(refused > mutants / 2 && refused < mutants)
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    try #require(count == bytes.count)
  }
}
