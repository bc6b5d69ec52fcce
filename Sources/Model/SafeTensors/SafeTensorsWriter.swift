import Files
import JSON

/// A tensor to be written.
public struct NamedTensor: Sendable, Equatable {
  /// The elements, row-major.
  public enum Elements: Sendable, Equatable {
    /// Single precision.
    case floats([Float])
    /// 64-bit integers.
    case integers([Int64])

    /// The number of elements.
    public var count: Int {
      switch self {
      case .floats(let values): values.count
      case .integers(let values): values.count
      }
    }
  }

  /// Its name.
  public var name: String
  /// Its shape; empty for a scalar.
  public var shape: [Int]
  /// Its elements.
  public var elements: Elements

  /// A tensor.
  /// - Precondition: as many elements as the shape says.
  public init(name: String, shape: [Int], elements: Elements) {
    precondition(shape.reduce(1, *) == elements.count, "tensor \(name): \(elements.count) elements, shape \(shape)")
    self.name = name
    self.shape = shape
    self.elements = elements
  }
}

/// Writes a safetensors file: integers first, then floats, each sorted by name (the order of the `safetensors` package),
/// the header padded with spaces to a multiple of 8. Equal tensors give equal bytes.
/// - Precondition: names are distinct and none is `__metadata__`.
/// - Throws: `FileError`; the file is then as it was before.
public func writeSafeTensors(
  _ tensors: [NamedTensor], metadata: [String: String] = ["format": "pt"], to path: String
) throws {
  let ordered = tensors.sorted { ($0.order, $0.name) < ($1.order, $1.name) }
  var members: [String: JSONValue] = ["__metadata__": .object(metadata.mapValues { .string($0) })]
  var offset = 0
  for tensor in ordered {
    precondition(members[tensor.name] == nil, "two tensors named \(tensor.name)")
    let end = offset + tensor.elements.count * tensor.elementType.size
    members[tensor.name] = .object([
      "dtype": .string(tensor.elementType.rawValue),
      "shape": .array(tensor.shape.map { .number(Double($0)) }),
      "data_offsets": .array([.number(Double(offset)), .number(Double(end))]),
    ])
    offset = end
  }
  var header = Array(JSONValue.object(members).canonicalText.utf8)
  header += Array(repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
  let file = try PendingFile(path: path)
  let length = UInt64(header.count).littleEndian
  try write([length], to: file)
  try write(header, to: file)
  for tensor in ordered {
    switch tensor.elements {
    case .floats(let values): try write(values.map { $0.bitPattern.littleEndian }, to: file)
    case .integers(let values): try write(values.map(\.littleEndian), to: file)
    }
  }
  try file.publish()
}

private func write<Element: BitwiseCopyable>(_ elements: [Element], to file: borrowing PendingFile) throws {
  var failure: FileError?
  elements.withUnsafeBytes { bytes in
    do throws(FileError) { try file.write(bytes) } catch { failure = error }
  }
  if let failure { throw failure }
}

extension NamedTensor {
  fileprivate var elementType: TensorElement {
    switch elements {
    case .floats: .float32
    case .integers: .int64
    }
  }

  /// Integers come first.
  fileprivate var order: Int { elementType == .int64 ? 0 : 1 }
}
