import CZlib

/// zlib's inflater for raw deflate streams, at a fixed address as zlib requires.
final class InflateStream {
  /// How a step ended.
  enum Outcome {
    /// There may be more.
    case running
    /// The stream ended.
    case ended
    /// The bytes are no deflate stream.
    case damaged
  }

  private let stream: UnsafeMutablePointer<z_stream>

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // A negative window size means: no zlib header, no Adler checksum.
    let status = inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib cannot start: \(status)")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Inflates as much as `input` and `output` allow.
  /// - Returns: bytes consumed, bytes produced and how it ended.
  func step(
    input: UnsafeMutableRawBufferPointer, output: UnsafeMutableRawBufferPointer
  ) -> (consumed: Int, produced: Int, outcome: Outcome) {
    let inputCount = min(input.count, Int(UInt32.max))
    let outputCount = min(output.count, Int(UInt32.max))
    stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = UInt32(inputCount)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(outputCount)
    let status = inflate(stream, Z_NO_FLUSH)
    let outcome: Outcome =
      switch status {
      case Z_STREAM_END: .ended
      case Z_OK, Z_BUF_ERROR: .running
      default: .damaged
      }
    return (inputCount - Int(stream.pointee.avail_in), outputCount - Int(stream.pointee.avail_out), outcome)
  }
}
