import Files
import JSON

/// A safetensors file opened for reading: its table of tensors is read and checked at once, the data only on demand.
///
/// The format: a 64-bit little-endian length, a JSON object of that many bytes (`name: {dtype, shape, data_offsets}` and an
/// optional `__metadata__` of strings), and the data, row-major and little-endian. The table is refused unless the tensors
/// follow each other without a gap and fill the rest of the file, so two tensors never share bytes and no byte is hidden.
public struct SafeTensorsFile: ~Copyable {
  /// One tensor of the table.
  public struct Entry: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// The type of its elements.
    public let element: TensorElement
    /// Its shape; empty for a scalar.
    public let shape: [Int]
    /// Where its bytes lie in the file.
    public let bytes: Range<Int>

    /// The number of elements.
    public var count: Int { bytes.count / element.size }
  }

  /// The longest header accepted, in bytes: about a thousand times that of the largest model read here.
  public static let headerLimit = 16 << 20

  /// The tensors in the order of their data.
  public let entries: [Entry]
  /// The strings of `__metadata__`.
  public let metadata: [String: String]
  private let file: InputFile
  private let positions: [String: Int]

  /// The path it was opened by.
  public var path: String { file.path }

  /// Opens a file and checks its table.
  /// - Throws: `FileError` if there is no such file; `SafeTensorsError` or `SettingsError` (kind bad data) if its header is
  ///   not what the format asks for.
  public init(path: String) throws {
    let file = try InputFile(path: path)
    guard file.size >= 8 else {
      throw SafeTensorsError(path: path, field: "header", message: "\(file.size) bytes, expected at least 8")
    }
    let beginning = try file.bytes(at: 0, count: 8)
    // What is often taken for one: the archives of NumPy and PyTorch, HDF5, and PyTorch's older files (pickles).
    let others: [([UInt8], String)] = [
      ([0x50, 0x4b, 3, 4], "a ZIP archive, as .npz and .pth files are"), ([0x89, 0x48, 0x44, 0x46], "an HDF5 file"),
      ([0x80, 2], "a pickle of Python, as old .pth files are"),
    ]
    if let other = others.first(where: { beginning.starts(with: $0.0) }) {
      throw SafeTensorsError(
        path: path, field: "format",
        message: "expected a safetensors file (docs/data.md says how to convert), found \(other.1)")
    }
    let length = beginning.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let limit = min(Self.headerLimit, file.size - 8)
    guard length <= UInt64(limit) else {
      throw SafeTensorsError(path: path, field: "header", message: "\(length) bytes, expected at most \(limit)")
    }
    let header = try file.bytes(at: 8, count: Int(length))
    let table = try HeaderTable(header, path: path, data: 8 + header.count..<file.size)
    self.file = file
    entries = table.entries
    metadata = table.metadata
    positions = Dictionary(uniqueKeysWithValues: table.entries.enumerated().map { ($0.element.name, $0.offset) })
  }

  /// The tensor of that name.
  public func entry(named name: String) -> Entry? { positions[name].map { entries[$0] } }

  /// The elements of a tensor of this file as `Float`: F32 as they are, F16 and BF16 widened (exactly).
  /// - Throws: `SafeTensorsError` if they are integers; `FileError` if reading fails.
  public func floats(of entry: Entry) throws -> [Float] {
    guard entry.element != .int64 else {
      throw SafeTensorsError(
        path: path, field: "tensor '\(entry.name)'", message: "expected dtype F32, F16 or BF16, found I64")
    }
    let bytes = try file.bytes(at: entry.bytes.lowerBound, count: entry.bytes.count)
    return bytes.withUnsafeBytes { raw in
      (0..<entry.count).map { index in
        switch entry.element {
        case .float32:
          Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
        case .bfloat16:
          Float(
            bitPattern: UInt32(UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)))
              << 16
          )
        default:
          widened(half: UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)))
        }
      }
    }
  }

  /// The elements of a tensor of 64-bit integers of this file.
  /// - Throws: `SafeTensorsError` if they are of another type; `FileError` if reading fails.
  public func integers(of entry: Entry) throws -> [Int64] {
    guard entry.element == .int64 else {
      throw SafeTensorsError(
        path: path, field: "tensor '\(entry.name)'", message: "expected dtype I64, found \(entry.element.rawValue)")
    }
    let bytes = try file.bytes(at: entry.bytes.lowerBound, count: entry.bytes.count)
    return bytes.withUnsafeBytes { raw in
      (0..<entry.count).map { Int64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self)) }
    }
  }
}

/// A number in IEEE half precision (1 sign, 5 exponent, 10 fraction bits), exactly.
private func widened(half bits: UInt16) -> Float {
  let sign: Float = bits & 0x8000 == 0 ? 1 : -1
  let exponent = Int(bits >> 10 & 0x1f)
  let fraction = Float(bits & 0x3ff)
  switch exponent {
  case 0: return sign * fraction * 0x1p-24
  case 31: return fraction == 0 ? sign * .infinity : .nan
  default: return sign * Float(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
  }
}
