import CZlib
import DatasetSources
import Datasets
import Files

/// MedMNIST's `.npz` files: archive, directory, deflate streams, `.npy` headers, labels.
final class NPZTarget: FuzzTarget {
  static let name = "npz"
  static let summary = "MedMNIST archives: ZIP, deflate, .npy"

  private let file: MemoryFile
  private let mutation = Mutation(
    tokens: [
      [0x50, 0x4B, 0x01, 0x02], [0x50, 0x4B, 0x03, 0x04], [0x50, 0x4B, 0x05, 0x06], [0x50, 0x4B, 0x06, 0x06],
      [0x50, 0x4B, 0x06, 0x07], [0x50, 0x4B, 0x07, 0x08], [0x01, 0x00, 0x18, 0x00], [0x93] + Array("NUMPY".utf8),
      Array("'descr': '|u1'".utf8), Array("'shape': (".utf8), Array("'fortran_order': True".utf8), Array("../".utf8),
      Array("train_images.npy".utf8), Array("((((((((".utf8),
    ])
  private let descriptions: [DatasetDescription]
  static let side = 5

  init(directory: String) throws {
    file = try MemoryFile(in: directory)
    // One of grey images, one of colour.
    descriptions = try ["breastmnist", "retinamnist"].map(Catalogue.dataset)
  }

  func input(_ choices: inout Choices, number: Int) throws -> [UInt8] {
    var archive = ArchiveDraft(channels: number % 2 == 0 ? 1 : 3, &choices)
    if !choices.isOneIn(3) { archive.mutate(mutation, &choices) }
    var bytes = archive.bytes()
    // With a draft that is whole, something has to be wrong with the archive itself.
    if !archive.isMutated || choices.isOneIn(4) { mutation.apply(to: &bytes, &choices) }
    return bytes
  }

  func read(_ input: [UInt8]) throws -> Outcome {
    try file.write(input)
    var refusal: (any Error)?
    for description in descriptions {
      do {
        let archive = try MedMNISTFile(
          path: file.path, description: description, resolution: Self.side, allowUnofficial: true)
        for split in Split.allCases {
          var images = 0
          try archive.readImages(split, batch: 3) { images += $0.count / $1 / (Self.side * Self.side) * $1 }
          guard images == archive.labels(split).count * description.channels else {
            throw Finding("\(images) images for \(archive.labels(split).count) labels")
          }
        }
        return .accepted
      } catch let finding as Finding { throw finding } catch { refusal = error }
    }
    throw refusal ?? Finding("neither read nor refused")
  }
}

/// An archive before it is written, so that its parts can be changed and its checksums still fit.
private struct ArchiveDraft {
  private struct Member {
    var name: String
    var header: [UInt8]
    var data: [UInt8]
    var version: UInt8
    var isDeflated: Bool
    var isWide: Bool
    var hasDescriptor: Bool
  }

  private var members: [Member] = []
  private(set) var isMutated = false

  /// A good archive, in one of the ways numpy and others write it.
  init(channels: Int, _ choices: inout Choices) {
    let isFortran = choices.isOneIn(4)
    let order = isFortran ? "True" : "False"
    let (isDeflated, isWide) = (choices.isOneIn(2), choices.isOneIn(3))
    let hasDescriptor = choices.isOneIn(4)
    let version = choices.one(of: [1, 1, 2, 3] as [UInt8])
    for split in ["train", "val", "test"] {
      let count = 1 + choices.index(below: 4)
      let side = NPZTarget.side
      let shape = channels == 1 ? "(\(count), \(side), \(side))" : "(\(count), \(side), \(side), 3)"
      let labelType = choices.one(of: ["|u1", "<i8", ">i4", "<u2", "|i1"])
      let size = Int(String(labelType.dropFirst(2))) ?? 1
      let labels = (0..<count).flatMap { index -> [UInt8] in
        let bytes = [UInt8(index % 2)] + [UInt8](repeating: 0, count: size - 1)
        return labelType.hasPrefix(">") ? bytes.reversed() : bytes
      }
      let arrays = [
        ("\(split)_images.npy", "|u1", order, shape, (0..<count * side * side * channels).map { UInt8($0 % 251) }),
        ("\(split)_labels.npy", labelType, "False", "(\(count), 1)", labels),
      ]
      for (name, type, order, shape, data) in arrays {
        let text = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }"
        members.append(
          Member(
            name: name, header: Array(text.utf8) + [0x20, 0x0A], data: data, version: version, isDeflated: isDeflated,
            isWide: isWide, hasDescriptor: hasDescriptor))
      }
    }
  }

  /// Changes one part.
  mutating func mutate(_ mutation: Mutation, _ choices: inout Choices) {
    isMutated = true
    let index = choices.index(below: members.count)
    switch choices.index(below: 7) {
    case 0, 1, 2: mutation.apply(to: &members[index].header, &choices)
    case 3: mutation.apply(to: &members[index].data, &choices)
    case 4: members[index].version = choices.byte()
    case 5:
      members[index].name = choices.one(of: [
        "../x.npy", "/etc/passwd", "", "train_images.npy", "train_images.npy\u{0}", "é.npy", "C:\\x",
        String(repeating: "a", count: 70_000 % 65_536),
      ])
    default:
      if choices.isOneIn(2) { members.remove(at: index) } else { members.append(members[index]) }
    }
  }

  func bytes() -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let header = member.header
      var content = [0x93] + Array("NUMPY".utf8) + [member.version, 0]
      content += member.version == 1 ? number(header.count, 2) : number(header.count, 4)
      content += header + member.data
      let stored = member.isDeflated ? deflated(content) : content
      let checksum = content.withUnsafeBufferPointer { Int(crc32(0, $0.baseAddress, UInt32($0.count))) }
      let name = Array(member.name.utf8)
      let wide = member.isWide ? number(1, 2) + number(16, 2) + number(content.count, 8) + number(stored.count, 8) : []
      let flags = member.hasDescriptor ? 8 : 0
      let sizes =
        member.isWide
        ? number(0xFFFF_FFFF, 4) + number(0xFFFF_FFFF, 4) : number(stored.count, 4) + number(content.count, 4)
      let common =
        number(flags, 2) + number(member.isDeflated ? 8 : 0, 2) + number(0, 4) + number(checksum, 4) + sizes
        + number(name.count, 2) + number(wide.count, 2)
      directory +=
        number(0x0201_4B50, 4) + number(20, 2) + number(20, 2) + common + number(0, 2) + number(0, 2) + number(0, 2)
        + number(0, 4) + number(file.count, 4) + name + wide
      file += number(0x0403_4B50, 4) + number(20, 2) + common + name + wide + stored
      if member.hasDescriptor {
        file += number(0x0807_4B50, 4) + number(checksum, 4) + number(stored.count, 4) + number(content.count, 4)
      }
    }
    return file + directory + number(0x0605_4B50, 4) + number(0, 4) + number(members.count, 2)
      + number(members.count, 2) + number(directory.count, 4) + number(file.count, 4) + number(0, 2)
  }

  private func number(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A raw deflate stream.
  private func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var input = bytes
    return [UInt8](unsafeUninitializedCapacity: bytes.count + 1024) { output, count in
      input.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        deflate(&stream, Z_FINISH)
      }
      count = output.count - Int(stream.avail_out)
    }
  }
}
