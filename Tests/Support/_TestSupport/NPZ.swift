import Glibc

/// Reads numpy's `.npz` in tests: a ZIP of stored (not deflated) `.npy` members with float64, float32, int64, int32,
/// uint8 or bool elements in C order, little-endian.
///
/// The whole file is held in memory. It is meant for fixtures we wrote ourselves, so it checks what a mistake could
/// break and nothing more; untrusted files are read by module `Datasets`.
public struct NPZ: Sendable {
  /// What is wrong with a fixture.
  public struct Problem: Error, CustomStringConvertible {
    /// One line: file, member, reason.
    public let description: String
  }

  private struct Member {
    var kind: String
    var shape: [Int]
    var data: Range<Int>
  }

  /// The file it was read from.
  public let path: String
  private let bytes: [UInt8]
  private var members: [String: Member] = [:]

  /// Reads the file and the headers of all its members.
  public init(path: String) throws {
    self.path = path
    bytes = try wholeFile(path)
    try readDirectory()
  }

  /// The members' names without `.npy`, sorted.
  public var names: [String] { members.keys.sorted() }

  /// Whether there is such a member.
  public func contains(_ name: String) -> Bool { members[name] != nil }

  /// The shape of a member; empty for a scalar.
  public func shape(of name: String) throws -> [Int] { try member(name).shape }

  /// The elements of a member, row-major, whatever its type.
  public func doubles(_ name: String) throws -> [Double] {
    let member = try member(name)
    switch member.kind {
    case "<f8": return elements(member, UInt64.self) { Double(bitPattern: $0) }
    case "<f4": return elements(member, UInt32.self) { Double(Float(bitPattern: $0)) }
    default: return try integers(name).map(Double.init)
    }
  }

  /// The elements of a member as `Float`, rounded where it holds float64.
  public func floats(_ name: String) throws -> [Float] {
    let member = try member(name)
    if member.kind == "<f4" { return elements(member, UInt32.self) { Float(bitPattern: $0) } }
    return try doubles(name).map(Float.init)
  }

  /// The elements of a member of integers or booleans.
  public func integers(_ name: String) throws -> [Int] {
    let member = try member(name)
    switch member.kind {
    case "<i8": return elements(member, UInt64.self) { Int(Int64(bitPattern: $0)) }
    case "<i4": return elements(member, UInt32.self) { Int(Int32(bitPattern: $0)) }
    case "|u1", "|b1": return elements(member, UInt8.self) { Int($0) }
    default: throw problem(name, "holds \(member.kind), expected integers")
    }
  }

  /// The elements of a member of bytes.
  public func bytes(_ name: String) throws -> [UInt8] {
    let member = try member(name)
    guard member.kind == "|u1" else { throw problem(name, "holds \(member.kind), expected |u1") }
    return Array(bytes[member.data])
  }

  /// A single number: a scalar or an array of one element.
  public func scalar(_ name: String) throws -> Double {
    let values = try doubles(name)
    guard values.count == 1 else { throw problem(name, "holds \(values.count) numbers, expected one") }
    return values[0]
  }

  // MARK: ZIP and npy

  private mutating func readDirectory() throws {
    var end = bytes.count - 22
    while end >= 0, integer(end, bytes: 4) != 0x0605_4b50 { end -= 1 }
    guard end >= 0 else { throw problem("", "no ZIP directory") }
    let count = integer(end + 10, bytes: 2)
    var entry = integer(end + 16, bytes: 4)
    for _ in 0..<count {
      guard entry + 46 <= bytes.count, integer(entry, bytes: 4) == 0x0201_4b50 else {
        throw problem("", "damaged ZIP directory")
      }
      let nameLength = integer(entry + 28, bytes: 2)
      let name = String(decoding: bytes[(entry + 46)..<(entry + 46 + nameLength)], as: UTF8.self)
      guard integer(entry + 10, bytes: 2) == 0 else { throw problem(name, "is compressed, expected stored") }
      let size = integer(entry + 24, bytes: 4)
      let local = integer(entry + 42, bytes: 4)
      let start = local + 30 + integer(local + 26, bytes: 2) + integer(local + 28, bytes: 2)
      guard start + size <= bytes.count else { throw problem(name, "reaches beyond the file") }
      let key = name.hasSuffix(".npy") ? String(name.dropLast(4)) : name
      members[key] = try parseArray(named: name, at: start, size: size)
      entry += 46 + nameLength + integer(entry + 30, bytes: 2) + integer(entry + 32, bytes: 2)
    }
  }

  private func parseArray(named name: String, at start: Int, size: Int) throws -> Member {
    guard size >= 12, bytes[start] == 0x93, bytes[(start + 1)..<(start + 6)].elementsEqual("NUMPY".utf8) else {
      throw problem(name, "is no .npy array")
    }
    let lengthBytes = bytes[start + 6] == 1 ? 2 : 4
    let headerStart = start + 8 + lengthBytes
    let dataStart = headerStart + integer(start + 8, bytes: lengthBytes)
    let header = String(decoding: bytes[headerStart..<dataStart], as: UTF8.self)
    guard header.contains("'fortran_order': False"),
      let kind = header.firstMatch(of: /'descr': '([^']*)'/)?.1,
      let dimensions = header.firstMatch(of: /'shape': \(([^)]*)\)/)?.1
    else { throw problem(name, "header not understood: \(header)") }
    let shape = dimensions.split(separator: ",").compactMap { Int($0.filter { $0 != " " }) }
    let widths = ["<f8": 8, "<f4": 4, "<i8": 8, "<i4": 4, "|u1": 1, "|b1": 1]
    guard let width = widths[String(kind)] else { throw problem(name, "holds \(kind), which this reader lacks") }
    let end = dataStart + shape.reduce(width, *)
    guard end == start + size else { throw problem(name, "has \(size) bytes, expected \(end - start)") }
    return Member(kind: String(kind), shape: shape, data: dataStart..<end)
  }

  private func integer(_ offset: Int, bytes count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }

  private func elements<Raw: FixedWidthInteger, T>(_ member: Member, _: Raw.Type, _ convert: (Raw) -> T) -> [T] {
    bytes.withUnsafeBytes { buffer in
      stride(from: member.data.lowerBound, to: member.data.upperBound, by: MemoryLayout<Raw>.size).map {
        convert(Raw(littleEndian: buffer.loadUnaligned(fromByteOffset: $0, as: Raw.self)))
      }
    }
  }

  private func member(_ name: String) throws -> Member {
    guard let member = members[name] else {
      throw problem(name, "is not there; the file has \(names.joined(separator: " "))")
    }
    return member
  }

  private func problem(_ name: String, _ reason: String) -> Problem {
    Problem(description: "\(path): \(name) \(reason)")
  }
}

func wholeFile(_ path: String) throws -> [UInt8] {
  guard let file = fopen(path, "rb") else { throw NPZ.Problem(description: "\(path): cannot open") }
  defer { fclose(file) }
  fseek(file, 0, SEEK_END)
  let size = ftell(file)
  rewind(file)
  // An empty array is one object that all threads share, and filling it would write to it.
  guard size > 0 else { return [] }
  let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
    count = fread(buffer.baseAddress, 1, size, file)
  }
  guard bytes.count == size else { throw NPZ.Problem(description: "\(path): cannot read") }
  return bytes
}
