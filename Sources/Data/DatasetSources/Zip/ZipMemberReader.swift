import Datasets
import CZlib
import Files

/// Reads the content of one member from beginning to end, in pieces of any size.
///
/// It never yields more bytes than the directory declares. The last read checks that the content ends where it should
/// and that its CRC-32 is right; until then the bytes are not known to be undamaged.
public struct ZipMemberReader: ~Copyable {
  /// The member.
  public let member: ZipMember
  /// Bytes not yet read.
  public private(set) var remaining: Int

  private let archive: ZipArchive
  private let inflater: InflateStream?
  private let input: UnsafeMutableRawBufferPointer
  private var inputRange = 0..<0
  private var compressedRemaining: Int
  private var checksum: UInt = crc32(0, nil, 0)
  private var checked = false

  private static let inputSize = 256 << 10

  /// A reader at the beginning of `member` of `archive`.
  public init(_ member: ZipMember, of archive: ZipArchive) {
    self.member = member
    self.archive = archive
    remaining = member.size
    compressedRemaining = member.compressedSize
    inflater = member.method == .deflated ? InflateStream() : nil
    input = .allocate(byteCount: Self.inputSize, alignment: 64)
  }

  deinit { input.deallocate() }

  /// Reads the next bytes.
  /// - Returns: the number of bytes read: `buffer.count`, or less at the end of the member; 0 behind it.
  /// - Throws: `FileError`; `DatasetError` if the content is damaged, too short, too long or has another CRC-32.
  public mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let wanted = min(buffer.count, remaining)
    // In pieces that are still in the cache when their checksum is taken.
    for start in stride(from: 0, to: wanted, by: Self.inputSize) {
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[start..<min(start + Self.inputSize, wanted)])
      if let inflater { try inflate(into: part, with: inflater) } else { try copy(into: part) }
      checksum = crc32_z(checksum, part.baseAddress?.assumingMemoryBound(to: UInt8.self), part.count)
      remaining -= part.count
    }
    if remaining == 0, !checked {
      if let inflater { try checkEnd(of: inflater) }
      guard UInt32(truncatingIfNeeded: checksum) == member.crc32 else {
        throw mismatch("CRC-32", hexadecimal(member.crc32), hexadecimal(UInt32(truncatingIfNeeded: checksum)))
      }
      checked = true
    }
    return wanted
  }

  /// Reads exactly `count` bytes.
  /// - Throws: as `read(into:)`; `DatasetError` if the member has fewer bytes left.
  /// - Precondition: the caller bounds `count`.
  mutating func bytes(_ count: Int, of field: String) throws -> [UInt8] {
    guard count <= remaining else { throw mismatch(field, "\(count) bytes", "\(remaining)") }
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { buffer in _ = try read(into: buffer) }
    return bytes
  }

  /// Reads on to the end of the member, for its CRC-32.
  mutating func finish() throws {
    var scratch = [UInt8](repeating: 0, count: 1 << 16)
    repeat {
      try scratch.withUnsafeMutableBytes { buffer in _ = try read(into: buffer) }
    } while remaining > 0
  }

  private mutating func copy(into buffer: UnsafeMutableRawBufferPointer) throws {
    let offset = member.dataOffset + member.compressedSize - compressedRemaining
    guard try archive.file.read(into: buffer, at: offset) == buffer.count else {
      throw FileError(.endsEarly, path: archive.path)
    }
    compressedRemaining -= buffer.count
  }

  private mutating func inflate(into buffer: UnsafeMutableRawBufferPointer, with inflater: InflateStream) throws {
    var done = 0
    while done < buffer.count {
      try refill()
      let step = inflater.step(
        input: UnsafeMutableRawBufferPointer(rebasing: input[inputRange]),
        output: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
      inputRange = inputRange.lowerBound + step.consumed..<inputRange.upperBound
      done += step.produced
      switch step.outcome {
      case .damaged: throw mismatch("content", "a deflate stream", "damaged bytes")
      case .ended where done < buffer.count:
        throw mismatch("size", "\(member.size)", member.size - remaining + done)
      case .running where step.consumed == 0 && step.produced == 0:
        throw mismatch("content", "a whole deflate stream", "one cut short")
      case .ended, .running: break
      }
    }
  }

  /// After the declared size the stream must end, without another byte, and use up all of its input.
  private mutating func checkEnd(of inflater: InflateStream) throws {
    try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { extra in
      while true {
        try refill()
        let step = inflater.step(input: UnsafeMutableRawBufferPointer(rebasing: input[inputRange]), output: extra)
        inputRange = inputRange.lowerBound + step.consumed..<inputRange.upperBound
        guard step.produced == 0 else { throw mismatch("size", "\(member.size)", "more") }
        switch step.outcome {
        case .damaged: throw mismatch("content", "a deflate stream", "damaged bytes")
        case .running where step.consumed == 0: throw mismatch("content", "a whole deflate stream", "one cut short")
        case .running: continue
        case .ended: break
        }
        break
      }
    }
    let left = compressedRemaining + inputRange.count
    guard left == 0 else {
      throw mismatch(
        "compressed size", "\(member.compressedSize - left) (where its stream ends)", member.compressedSize)
    }
  }

  private mutating func refill() throws {
    guard inputRange.isEmpty, compressedRemaining > 0 else { return }
    let count = min(input.count, compressedRemaining)
    let part = UnsafeMutableRawBufferPointer(rebasing: input[..<count])
    let offset = member.dataOffset + member.compressedSize - compressedRemaining
    guard try archive.file.read(into: part, at: offset) == count else {
      throw FileError(.endsEarly, path: archive.path)
    }
    inputRange = 0..<count
    compressedRemaining -= count
  }

  private func mismatch(_ field: String, _ expected: String, _ found: some Any) -> DatasetError {
    .mismatch(path: archive.path, member: member.name, field: field, expected: expected, found: "\(found)")
  }
}
