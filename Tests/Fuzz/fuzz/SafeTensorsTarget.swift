import Files
import SafeTensors

/// Weights of a teacher.
final class SafeTensorsTarget: FuzzTarget {
  static let name = "safetensors"
  static let summary = "weights of a teacher: header, table, data"

  private let file: MemoryFile
  private let seed: [UInt8]
  private let mutation = Mutation(
    tokens: [
      "\"dtype\":\"F16\"", "\"shape\":[", "\"data_offsets\":[0,", "__metadata__", "{", "}", "[[", "\\ud800", "\"BF16\"",
    ].map { Array($0.utf8) })

  init(directory: String) throws {
    file = try MemoryFile(in: directory)
    let path = "\(directory)/seed.safetensors"
    try writeSafeTensors(
      [
        NamedTensor(name: "a.weight", shape: [2, 3], elements: .floats([1, 2, 3, -1, .infinity, 0])),
        NamedTensor(name: "a.bias", shape: [2], elements: .floats([0, 1])),
        NamedTensor(name: "n", shape: [], elements: .integers([7])),
        NamedTensor(name: "empty", shape: [0, 4], elements: .floats([])),
      ], to: path)
    seed = try contents(ofFile: path)
  }

  func input(_ choices: inout Choices, number: Int) throws -> [UInt8] {
    guard choices.isOneIn(2) else {
      // The header alone, with the length that belongs to it.
      let length = Int(seed[0]) | Int(seed[1]) << 8
      var header = Array(seed[8..<8 + length])
      mutation.apply(to: &header, &choices)
      let size = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
      return size + header + seed[(8 + length)...]
    }
    var bytes = seed
    mutation.apply(to: &bytes, &choices)
    return bytes
  }

  func read(_ input: [UInt8]) throws -> Outcome {
    try file.write(input)
    let tensors = try SafeTensorsFile(path: file.path)
    for entry in tensors.entries {
      let count: Int
      if entry.element == .int64 {
        count = try tensors.integers(of: entry).count
      } else {
        count = try tensors.floats(of: entry).count
      }
      guard count == entry.shape.reduce(1, *) else { throw Finding("\(count) elements of shape \(entry.shape)") }
    }
    return .accepted
  }
}
