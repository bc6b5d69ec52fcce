import _ArtifactSamples

/// Artifacts whose HDF5 structures were damaged by somebody who then computed HDF5's checksums and the seal anew: what the
/// library itself makes of hostile files.
final class SealedTarget: FuzzTarget, EntersHDF5 {
  static let name = "sealed"
  static let summary = "artifacts with damaged HDF5 structures, checksums and seal made to fit"

  private let file: MemoryFile
  private let seeds: [(content: [UInt8], blocks: [Range<Int>])]
  private let mutation = Mutation()

  init(directory: String) throws {
    file = try MemoryFile(in: directory)
    seeds = try artifactSeeds(directory).map {
      let content = Seal.removed(from: $0)
      return (content, checkedBlocks(of: content))
    }
  }

  func input(_ choices: inout Choices, number: Int) throws -> [UInt8] {
    let seed = choices.one(of: seeds)
    var bytes = seed.content
    // Half of the cases in the structures, half anywhere.
    for _ in 0...(choices.index(below: 3)) {
      let range = choices.isOneIn(2) ? 0..<bytes.count : choices.one(of: seed.blocks)
      var part = Array(bytes[range])
      let place = choices.index(below: max(1, part.count - 8))
      var piece = Array(part[place..<min(part.count, place + 8)])
      let size = piece.count
      mutation.apply(to: &piece, &choices)
      part.replaceSubrange(place..<place + size, with: (piece + [UInt8](repeating: 0, count: size)).prefix(size))
      bytes.replaceSubrange(range, with: part)
    }
    for block in seed.blocks {
      let sum = lookup3(bytes[block])
      for index in 0..<4 { bytes[block.upperBound + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) }
    }
    return Seal.added(to: bytes)
  }

  func read(_ input: [UInt8]) throws -> Outcome {
    try file.write(input)
    try readArtifact(file.path)
    return .accepted
  }
}

/// The blocks of an HDF5 file that end in a checksum: those that begin with a signature, and whose bytes have the checksum
/// that follows them.
private func checkedBlocks(of bytes: [UInt8]) -> [Range<Int>] {
  let signatures = "OHDR OCHK FRHP FHIB BTHD BTIN BTLF FAHD FADB EAHD EAIB FSHD SMTB".split(separator: " ")
    .map { Array($0.utf8) }
  func stored(at offset: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) } }
  // The superblock, version 3.
  var blocks: [Range<Int>] = lookup3(bytes[0..<44]) == stored(at: 44) ? [0..<44] : []
  for start in 0..<bytes.count - 4 where signatures.contains(Array(bytes[start..<start + 4])) {
    for end in start + 8..<min(bytes.count - 4, start + 1200) where lookup3(bytes[start..<end]) == stored(at: end) {
      blocks.append(start..<end)
      break
    }
  }
  return blocks
}

/// The checksum of HDF5's metadata. Source: Bob Jenkins, lookup3.c, hashlittle() with initial value 0 (public domain).
private func lookup3(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  func rotated(_ x: UInt32, _ k: UInt32) -> UInt32 { x << k | x >> (32 - k) }
  var (a, b, c) = (0xdead_beef &+ UInt32(bytes.count), UInt32(0), UInt32(0))
  (b, c) = (a, a)
  var rest = bytes
  func word(_ offset: Int) -> UInt32 {
    (0..<4).reduce(0) { sum, index in
      let place = rest.startIndex + offset + index
      return place < rest.endIndex ? sum | UInt32(rest[place]) << UInt32(8 * index) : sum
    }
  }
  while rest.count > 12 {
    a = a &+ word(0)
    b = b &+ word(4)
    c = c &+ word(8)
    a = (a &- c) ^ rotated(c, 4)
    c = c &+ b
    b = (b &- a) ^ rotated(a, 6)
    a = a &+ c
    c = (c &- b) ^ rotated(b, 8)
    b = b &+ a
    a = (a &- c) ^ rotated(c, 16)
    c = c &+ b
    b = (b &- a) ^ rotated(a, 19)
    a = a &+ c
    c = (c &- b) ^ rotated(b, 4)
    b = b &+ a
    rest = rest.dropFirst(12)
  }
  guard !rest.isEmpty else { return c }
  a = a &+ word(0)
  b = b &+ word(4)
  c = c &+ word(8)
  c = (c ^ b) &- rotated(b, 14)
  a = (a ^ c) &- rotated(c, 11)
  b = (b ^ a) &- rotated(a, 25)
  c = (c ^ b) &- rotated(b, 16)
  a = (a ^ c) &- rotated(c, 4)
  b = (b ^ a) &- rotated(a, 14)
  c = (c ^ b) &- rotated(b, 24)
  return c
}
