import CFuzz
import CommandLineKit
import DatasetSources
import Datasets
import Glibc
import DataStages
import _TestSupport

/// Folders of images as `prepare-data` takes them: names, links, lists of splits, images.
final class FolderTarget: FuzzTarget {
  static let name = "folder"
  static let summary = "folders of images, OASIS slices, split lists"
  static let memoryLimit = 2048

  /// One thing in the folder, as an input holds it: kind, lengths, name, content.
  private struct Entry {
    enum Kind: UInt8 { case file, directory, link, pipe }
    var kind = Kind.file
    var name: [UInt8]
    var content: [UInt8] = []
  }

  private let directory: String
  private let images: [[UInt8]]
  private let mutation = Mutation()
  private let textMutation = Mutation(
    tokens: ["path,split\n", "\"", "\"\"", ",", "train", "val", "test", "\r\n", "\u{0}", "é", "a/0.png,train\n"]
      .map { Array($0.utf8) })

  init(directory: String) throws {
    self.directory = directory
    images = try imageSeeds()
  }

  func input(_ choices: inout Choices, number: Int) throws -> [UInt8] {
    let isOASIS = number % 3 == 2
    var entries = isOASIS ? slices(&choices) : classes(&choices)
    for _ in 0..<choices.index(below: 4) { change(&entries, isOASIS, &choices) }
    var list = "path,split\n"
    for entry in entries where entry.kind == .file {
      let name = String(decoding: entry.name.dropFirst(3), as: UTF8.self)
      list += "\(name),\(choices.one(of: ["train", "val", "test"]))\n"
    }
    var bytes = Array(list.utf8)
    if choices.isOneIn(2) { textMutation.apply(to: &bytes, &choices) }
    entries.append(Entry(name: Array("split.csv".utf8), content: bytes))
    // How the folder is read: source, channels, list or proportions, with or without the stage.
    return [isOASIS ? 1 : 0, choices.byte(), choices.byte(), choices.byte()] + entries.flatMap(encoded)
  }

  func read(_ input: [UInt8]) throws -> Outcome {
    fuzz_remove_tree("\(directory)/in")
    unlink("\(directory)/split.csv")
    mkdir("\(directory)/in", 0o777)
    try make(input)
    let (isOASIS, list, level) = (input[0] == 1, input[1] % 2 == 0, Int(input[2]) % 3)
    if input[3] % 8 == 0 { return try runStage(isOASIS, list: list, level: level) }
    if isOASIS {
      return try readAll(
        OASISSource(
          directory: "\(directory)/in", resolution: 28,
          division: OASISSource.Division(
            level: [OASISSource.Level.slice, .volume, .participant][level], ratios: .standard,
            perClassCap: list ? 3 : nil, allowsMissingVal: true, seed: 1)))
    }
    return try readAll(
      FolderSource(
        directory: "\(directory)/in", name: "mine", resolution: 28, channels: input[1] % 3 == 0 ? 1 : 3,
        division: list ? .file("\(directory)/split.csv") : .ratios(.standard, seed: 1)))
  }

  private func readAll(_ source: some ImageSource) throws -> Outcome {
    for split in Split.allCases { try source.readImages(split, batch: 3) { _, _ in } }
    return .accepted
  }

  /// The whole stage; nothing may appear but its output.
  private func runStage(_ isOASIS: Bool, list: Bool, level: Int) throws -> Outcome {
    let level = ["slice", "volume", "participant"][level]
    var words = "--resolution 28 --profile p --quiet --input \(directory)/in --output \(directory)/out.h5"
    words += isOASIS ? " --source oasis --dataset oasis --split \(level)" : " --source folder --dataset mine"
    if list, !isOASIS { words += " --split-file \(directory)/split.csv" }
    guard
      case .run(let parsed) = try PrepareDataStage.command.parse(words.split(separator: " ").map(String.init))
    else { return .refused }
    defer { unlink("\(directory)/out.h5") }
    var failure: (any Error)?
    do { try PrepareDataStage.run(parsed) } catch { failure = error }
    let left = names(in: directory)
    guard left == (failure == nil ? ["in", "out.h5", "split.csv"] : ["in", "split.csv"]) else {
      throw Finding("left \(left)")
    }
    if let failure { throw failure }
    return .accepted
  }

  // MARK: Drafts

  private func classes(_ choices: inout Choices) -> [Entry] {
    ["a", "b"].flatMap { name in
      [Entry(kind: .directory, name: Array("in/\(name)".utf8))]
        + (0..<4).map { Entry(name: Array("in/\(name)/\($0).png".utf8), content: image(&choices)) }
    }
  }

  private func slices(_ choices: inout Choices) -> [Entry] {
    Catalogue.oasis.classNames.enumerated().flatMap { label, name in
      [Entry(kind: .directory, name: Array("in/\(name)".utf8))]
        + (0..<4).map { index in
          let file = "OAS1_\(1000 + 10 * label + index)_MR1_mpr-1_\(100 + index).jpg"
          return Entry(name: Array("in/\(name)/\(file)".utf8), content: image(&choices))
        }
    }
  }

  private func image(_ choices: inout Choices) -> [UInt8] {
    var bytes = choices.one(of: images)
    if choices.isOneIn(12) {
      mutation.apply(to: &bytes, &choices)
      repairChecksums(of: &bytes)
    }
    return bytes
  }

  private static let badNames: [[UInt8]] = [
    Array("in/a/é.png".utf8), Array("in/a/e\u{301}.png".utf8), Array("in/a/x,\"y\".png".utf8),
    Array("in/a/line\nbreak.png".utf8), Array("in/a/\u{202e}gnp.png".utf8), [0x69, 0x6E, 0x2F, 0xFF, 0xFE],
    Array("in/a/\(String(repeating: "l", count: 251)).png".utf8), Array("in/a/.hidden.png".utf8),
    Array("in/a/NOTES.txt".utf8), Array("in/c".utf8), Array("in/Data".utf8), Array("in/Non_Demented".utf8),
    Array("in/Non Demented/OAS1_9999999999999999999_MR1_mpr-1_100.jpg".utf8),
    Array("in/Non Demented/OAS1_0001_MR99999999999999999999_mpr-1_100.jpg".utf8),
    Array("in/Non Demented/OAS1_0001_MR1_mpr-1_-1.jpg".utf8),
    Array("in/Moderate Dementia/OAS1_1000_MR1_mpr-1_100.jpg".utf8), Array("in/a/a\u{fe0f}.png".utf8),
    [0x69, 0x6E, 0x2F, 0x61, 0x2F, 0xC3, 0x28] + Array(".png".utf8),
  ]

  private func change(_ entries: inout [Entry], _ isOASIS: Bool, _ choices: inout Choices) {
    let place = choices.index(below: entries.count)
    switch choices.index(below: 7) {
    case 0: entries.remove(at: place)
    case 1: entries.append(Entry(name: choices.one(of: Self.badNames), content: image(&choices)))
    case 2: entries.append(Entry(kind: .directory, name: choices.one(of: Self.badNames)))
    case 3:
      let start = Array(image(&choices).prefix(20))
      entries[place].content = choices.one(of: [[], Array("no image".utf8), start])
    case 4:
      let target = choices.one(of: [
        ".", "..", "/dev/zero", "/etc/passwd", "0.png", "loop", "/proc/self/mem", "nowhere",
      ])
      let name = choices.isOneIn(2) ? "in/a/loop.png" : "in/loop"
      entries.append(Entry(kind: .link, name: Array(name.utf8), content: Array(target.utf8)))
    case 5: entries.append(Entry(kind: .pipe, name: Array("in/a/pipe.png".utf8)))
    default:
      entries.append(entries[place])
      mutation.apply(to: &entries[entries.count - 1].name, &choices)
      // Everything stays in the directory: names that climb out of it are not a folder's.
      let name = entries[entries.count - 1].name
      let climbs = String(decoding: name, as: UTF8.self).contains("..")
      if climbs || name.contains(0) || !name.starts(with: Array("in/".utf8)) { entries.removeLast() }
    }
  }

  private func encoded(_ entry: Entry) -> [UInt8] {
    [
      entry.kind.rawValue, UInt8(truncatingIfNeeded: entry.name.count),
      UInt8(truncatingIfNeeded: entry.name.count >> 8),
    ]
      + (0..<4).map { UInt8(truncatingIfNeeded: entry.content.count >> (8 * $0)) } + entry.name + entry.content
  }

  private func make(_ input: [UInt8]) throws {
    var offset = 4
    while offset + 7 <= input.count {
      let nameLength = Int(input[offset + 1]) | Int(input[offset + 2]) << 8
      let length = (0..<4).reduce(0) { $0 | Int(input[offset + 3 + $1]) << (8 * $1) }
      let start = offset + 7 + nameLength
      guard start + length <= input.count else { return }
      // Names need not be UTF-8, so they do not pass through a String.
      let name = input[(offset + 7)..<start].map(CChar.init(bitPattern:))
      let path = Array(directory.utf8CString.dropLast()) + [0x2F] + name + [0]
      let content = Array(input[start..<start + length])
      switch Entry.Kind(rawValue: input[offset]) {
      case .directory: mkdir(path, 0o777)
      case .link: symlink(content.map(CChar.init(bitPattern:)) + [0], path)
      case .pipe: mkfifo(path, 0o666)
      case .file, nil:
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
        if file >= 0 {
          _ = content.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
          close(file)
        }
      }
      offset = start + length
    }
  }
}

/// The names in a directory, sorted.
func names(in directory: String) -> [String] {
  guard let stream = opendir(directory) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}
