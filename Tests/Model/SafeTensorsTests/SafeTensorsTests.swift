import Failures
import Files
import Glibc
import Testing

@testable import SafeTensors

/// A file of its own for one test, removed afterwards.
private func withTemporaryFile<Result>(_ body: (String) throws -> Result) throws -> Result {
  var template = Array("/tmp/safetensors-test-XXXXXX".utf8CString)
  let directory = try #require(mkdtemp(&template).map { String(cString: $0) })
  defer {
    unlink(directory + "/x.safetensors")
    rmdir(directory)
  }
  return try body(directory + "/x.safetensors")
}

private func write(header: String, data: Int, headerLength: UInt64? = nil, to path: String) throws {
  let file = try PendingFile(path: path)
  var bytes = withUnsafeBytes(of: (headerLength ?? UInt64(header.utf8.count)).littleEndian) { Array($0) }
  bytes += Array(header.utf8) + (0..<data).map { UInt8(truncatingIfNeeded: $0 * 37) }
  try bytes.withUnsafeBytes { try file.write($0) }
  try file.publish()
}

@Suite struct SafeTensorsTests {
  @Test func roundTrip() throws {
    let tensors = [
      NamedTensor(name: "b", shape: [2, 3], elements: .floats([1, -2.5, 0x1p-140, .infinity, 0, -0.0])),
      NamedTensor(name: "a", shape: [], elements: .floats([7])),
      NamedTensor(name: "n", shape: [], elements: .integers([-5])),
      NamedTensor(name: "empty", shape: [0, 4], elements: .floats([])),
    ]
    try withTemporaryFile { path in
      try writeSafeTensors(tensors, to: path)
      let first = try contents(ofFile: path)
      #expect(first[0] % 8 == 0)
      try writeSafeTensors(tensors.reversed(), to: path)
      #expect(try contents(ofFile: path) == first)
      let file = try SafeTensorsFile(path: path)
      #expect(file.metadata == ["format": "pt"])
      #expect(file.entries.map(\.name).first == "n")
      for tensor in tensors {
        let found = file.entry(named: tensor.name)
        let entry = try #require(found)
        #expect(entry.shape == tensor.shape)
        switch tensor.elements {
        case .floats(let values):
          let floats = try file.floats(of: entry)
          #expect(floats.map(\.bitPattern) == values.map(\.bitPattern))
          #expect(throws: SafeTensorsError.self) { _ = try file.integers(of: entry) }
        case .integers(let values):
          let integers = try file.integers(of: entry)
          #expect(integers == values)
          #expect(throws: SafeTensorsError.self) { _ = try file.floats(of: entry) }
        }
      }
    }
  }

  /// The bytes that the Python package writes for {"x": [1.5] as float32, "n": int64 3}.
  @Test func writesWhatThePythonPackageWrites() throws {
    try withTemporaryFile { path in
      try writeSafeTensors(
        [
          NamedTensor(name: "x", shape: [1], elements: .floats([1.5])),
          NamedTensor(name: "n", shape: [], elements: .integers([3])),
        ], to: path)
      let bytes = try contents(ofFile: path)
      #expect(Array(bytes.suffix(12)) == [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xc0, 0x3f])
      let header = String(decoding: bytes[8...].prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
      #expect(header.hasPrefix(#"{"__metadata__":{"format":"pt"},"#))
      #expect(header.contains(#""n":{"data_offsets":[0,8],"dtype":"I64","shape":[]}"#))
    }
  }

  @Test func widensHalfPrecisions() throws {
    try withTemporaryFile { path in
      let header =
        #"{"h":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]}}"#
      let file = try PendingFile(path: path)
      var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
      // 1, −2, the smallest subnormal, −∞; then 1 and −3.140625.
      for half: UInt16 in [0x3c00, 0xc000, 0x0001, 0xfc00, 0x3f80, 0xc049] {
        bytes += [UInt8(half & 0xff), UInt8(half >> 8)]
      }
      try bytes.withUnsafeBytes { try file.write($0) }
      try file.publish()
      let tensors = try SafeTensorsFile(path: path)
      let floats = try tensors.entries.map { try tensors.floats(of: $0) }
      #expect(floats == [[1, -2, 0x1p-24, -.infinity], [1, -3.140625]])
    }
  }

  @Test(arguments: [
    (
      #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
      12
    ),
    (
      #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#,
      12
    ),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 7),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9),
    (#"{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#, 8),
    (#"{"x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8),
    (#"{"x":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8),
    (#"{"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,6]}}"#, 6),
    (#"{"x":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,8]}}"#, 8),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, 8),
    (#"{"x":{"dtype":"F32","shape":[2]}}"#, 8),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}}"#, 8),
    (
      #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8
    ),
    (#"{"__metadata__":{"a":1}}"#, 0),
    (#"[]"#, 0),
    (#"{"x":"#, 0),
    (#"{}{}"#, 0),
    ("", 0),
    (String(repeating: "[", count: 100_000), 0),
  ])
  func refusesHostileHeaders(header: String, data: Int) throws {
    try withTemporaryFile { path in
      try write(header: header, data: data, to: path)
      let failure = #expect(throws: (any Error).self) { _ = try SafeTensorsFile(path: path).entries }
      let text = try #require(failure as? any Failure)
      #expect(text.kind == .badData)
      #expect(text.description.hasPrefix(path))
      #expect(text.description.count < 400)
    }
  }

  @Test(arguments: [UInt64(1) << 32, .max, 1 << 63, 100])
  func refusesAHeaderLongerThanTheFile(length: UInt64) throws {
    try withTemporaryFile { path in
      try write(header: "{}", data: 0, headerLength: length, to: path)
      #expect(throws: SafeTensorsError.self) { _ = try SafeTensorsFile(path: path).entries }
    }
  }

  @Test func refusesAnEmptyFile() throws {
    try withTemporaryFile { path in
      try writeFile("", to: path)
      #expect(throws: SafeTensorsError.self) { _ = try SafeTensorsFile(path: path).entries }
    }
  }
}
