import Digests
import Failures
import Files
import Glibc
import Images
import Testing
import _TestSupport

@testable import DatasetSources
import Datasets

private func source(
  _ folder: ImageFolder, channels: Int = 3, resolution: Int = 28, seed: UInt64 = 1,
  division: FolderSource.Division? = nil
) throws -> FolderSource {
  try FolderSource(
    directory: folder.path, name: "mydata", resolution: resolution, channels: channels,
    division: division ?? .ratios(.standard, seed: seed))
}

/// Three classes with 10, 20 and 3 images.
private func filled() throws -> ImageFolder {
  let folder = try ImageFolder()
  for (name, count) in [("cat", 10), ("Ärger", 20), ("dog", 3)] {
    for index in 0..<count { try folder.add("\(name)/\(index).png", value: index + name.utf8.count * 50) }
  }
  return folder
}

@Suite("A folder of images") struct FolderSourceTests {
  @Test("classes are the sorted folders, each divided by the ratios")
  func division() throws {
    let folder = try filled()
    let source = try source(folder)
    #expect(source.description.classNames == ["cat", "dog", "Ärger"])
    #expect(source.description.task == .multiClass)
    #expect(!source.isOfficial && !source.isLeaking)
    let counts = Split.allCases.map { split in
      (0..<3).map { label in source.labels(split).count { $0 == label } }
    }
    #expect(counts == [[7, 1, 14], [1, 1, 2], [2, 1, 4]])
    #expect(Set(source.manifest.map(\.file)).count == 33)
    #expect(source.manifest.map(\.split.order) == source.manifest.map(\.split.order).sorted())
    let row = try #require(source.manifest.first)
    #expect(row.sha256 == SHA256.hexDigest(of: try contents(ofFile: "\(folder.path)/\(row.file)")))
  }

  @Test("each class is divided by chance of its own")
  func independentClasses() throws {
    let folder = try ImageFolder()
    for name in ["a", "b", "c"] {
      for index in 10..<30 { try folder.add("\(name)/\(index).png", value: index) }
    }
    let source = try source(folder)
    let divisions = (0..<3).map { label in
      source.manifest.filter { $0.label == label }.sorted { $0.file < $1.file }.map(\.split)
    }
    #expect(Set(divisions).count == 3)
  }

  /// As texts the names are equal, so one of them would be lost in every table of names.
  @Test(
    "names that differ only in how a letter is composed are refused", arguments: ["a/\u{e9}.png", "a\u{301}/1.png"])
  func composedNames(name: String) throws {
    let folder = try filled()
    try folder.add("a/e\u{301}.png", value: 1)
    try folder.add("\u{e1}/1.png", value: 2)
    try folder.add(name, value: 3)
    #expect {
      _ = try source(folder)
    } throws: { error in
      let text = (error as? any Failure)?.description ?? ""
      return text.contains("expected each name once, found two names that read the same")
    }
  }

  @Test("the seed decides, and nothing else")
  func seeds() throws {
    let folder = try filled()
    let first = try source(folder)
    #expect(try source(folder).manifest == first.manifest)
    #expect(try source(folder).digest == first.digest)
    #expect(try source(folder, seed: 2).manifest != first.manifest)
  }

  @Test("images are decoded, turned to the channels asked for and resized", arguments: [1, 3], [28, 224])
  func pixels(channels: Int, resolution: Int) throws {
    let folder = try filled()
    let source = try source(folder, channels: channels, resolution: resolution)
    for split in Split.allCases {
      var images: [UInt8] = []
      try source.readImages(split, batch: 4) { batch, count in
        #expect(batch.count == count * source.imageSize)
        images += batch
      }
      #expect(images.count == source.count(of: split) * source.imageSize)
      let rows = source.manifest.filter { $0.split == split }
      let last = try #require(rows.last)
      let image = try PixelImage(path: "\(folder.path)/\(last.file)").withChannels(channels)
      let resize = AreaResize(
        height: 9, width: 12, channels: channels, newHeight: resolution, newWidth: resolution)
      var expected = [UInt8](repeating: 0, count: source.imageSize)
      image.pixels.withUnsafeBufferPointer { from in expected.withUnsafeMutableBufferPointer { resize(from, into: $0) }
      }
      #expect(Array(images.suffix(source.imageSize)) == expected)
    }
  }

  @Test("a list divides exactly as it says")
  func list() throws {
    let folder = try ImageFolder()
    for name in ["a/1.png", "a/2.png", "a/x, \"y\".png", "b/1.png", "b/2.png", "b/3.png"] {
      try folder.add(name, value: name.utf8.count)
    }
    let list =
      "path,split\r\na/1.png,test\r\na/2.png,train\n\"a/x, \"\"y\"\".png\",val\nb/1.png,train\nb/2.png,val\nb/3.png,test\n"
    // As it is, and with the byte order mark of a spreadsheet.
    for mark in [[], [0xEF, 0xBB, 0xBF]] as [[UInt8]] {
      try folder.add(".splits.csv", mark + Array(list.utf8))
      let source = try source(folder, division: .file("\(folder.path)/.splits.csv"))
      #expect(source.description.task == .binary)
      #expect(
        source.manifest.map(\.file) == ["a/2.png", "b/1.png", "a/x, \"y\".png", "b/2.png", "a/1.png", "b/3.png"])
    }
  }

  @Test(
    "a list that is no text is one line that names its line",
    arguments: [
      ([0xFF, 0xFE, 0x70, 0x00], "line 1: expected at most 65536 bytes of text in UTF-8, found UTF-16"),
      (
        Array("path,split\na".utf8) + [0xFF], "line 2: expected at most 65536 bytes of text in UTF-8, found other bytes"
      ),
      ([UInt8](repeating: 0x61, count: 65_537), "found 65537 bytes"),
    ] as [([UInt8], String)])
  func noText(bytes: [UInt8], message: String) throws {
    let folder = try filled()
    try folder.add(".splits.csv", bytes)
    #expect {
      _ = try source(folder, division: .file("\(folder.path)/.splits.csv"))
    } throws: { error in
      (error as? any Failure)?.kind == .badData && "\(error)".hasSuffix(message)
    }
  }

  @Test(
    "a wrong list is one line that names its line",
    arguments: [
      ("file,split\na/1.png,train\n", "line 1: expected 'path,split', found 'file,split'"),
      ("", "line 1: expected 'path,split', found ''"),
      ("path,split\na/1.png\n", "line 2: expected two fields, path,split, found 'a/1.png'"),
      ("path,split\na/1.png,training\n", "line 2: expected train, val or test, found 'training'"),
      ("path,split\na/1.png,train\na/1.png,val\n", "line 3: expected each path once, found 'a/1.png again'"),
      ("path,split\na/1.png,train\n", "paths: expected every image, found no line for a/2.png"),
      (
        "path,split\na/1.png,train\na/2.png,val\nb/1.png,test\nc/1.png,test\n",
        "paths: expected images that are there, found c/1.png, which is not"
      ),
      (
        "path,split\na/1.png,train\na/2.png,train\nb/1.png,test\n", "split val: expected at least one image, found none"
      ),
    ])
  func wrongList(list: String, message: String) throws {
    let folder = try ImageFolder()
    for name in ["a/1.png", "a/2.png", "b/1.png"] { try folder.add(name, value: name.utf8.count) }
    try folder.add(".list", Array(list.utf8))
    let error = #expect(throws: DatasetError.self) { try source(folder, division: .file("\(folder.path)/.list")) }
    #expect(error.map { $0.description.hasSuffix(": \(message)") } == true, "\(error?.description ?? "")")
    #expect(error?.kind == .badData)
  }

  @Test(
    "a wrong folder is one line",
    arguments: [
      ("rm", "class folders: expected 2 to 256, found 0"), ("only a", "class folders: expected 2 to 256, found 1"),
      ("empty", "/c: class folder: expected images (.png, .jpg, .jpeg), found none"),
      ("few", "/c: images: expected at least 3, for train, val and test, found 2"),
      (
        "text",
        "/a/notes.txt: class folder: expected images (.png, .jpg, .jpeg), found another kind of file; "
          + "--skip-unreadable leaves it out"
      ),
      ("loop", "/a/loop.png: entry: expected a file or a directory, found Too many levels of symbolic links"),
      ("parent", "/a/up: class folder: expected images (.png, .jpg, .jpeg), found a directory"),
      ("dangling", "/a/gone.png: entry: expected a file or a directory, found No such file or directory"),
      ("pipe", "/a/pipe.png: entry: expected a file or a directory, found a device, pipe or socket"),
    ])
  func wrongFolder(what: String, message: String) throws {
    let folder = try ImageFolder()
    if what != "rm" {
      for name in what == "only a" ? ["a"] : ["a", "b"] {
        for index in 0..<3 { try folder.add("\(name)/\(index).png", value: index) }
      }
    }
    switch what {
    case "empty": folder.makeDirectory("\(folder.path)/c")
    case "few": for index in 0..<2 { try folder.add("c/\(index).png", value: index) }
    case "text": try folder.add("a/notes.txt", [65])
    case "loop": symlink("loop.png", "\(folder.path)/a/loop.png")
    case "parent": symlink("..", "\(folder.path)/a/up")
    case "dangling": symlink("nowhere", "\(folder.path)/a/gone.png")
    case "pipe": mkfifo("\(folder.path)/a/pipe.png", 0o666)
    default: break
    }
    let error = #expect(throws: (any Error).self) { try source(folder) } as? any Failure
    #expect(error.map { $0.description.hasSuffix(message) } == true, "\(error?.description ?? "")")
    #expect(error?.kind == .badData)
  }

  @Test("a folder that is not there is a missing input")
  func missing() throws {
    let error = #expect(throws: FileError.self) {
      try FolderSource(
        directory: "/nowhere/at/all", name: "x", resolution: 28, channels: 1, division: .ratios(.standard, seed: 1))
    }
    #expect(error?.kind == .missingInput)
  }

  @Test("a file that is no image, or changes underway, ends the reading")
  func badImages() throws {
    let folder = try ImageFolder()
    for name in ["a", "b"] { for index in 0..<3 { try folder.add("\(name)/\(index).png", value: index) } }
    try folder.add("a/1.png", Array("no image".utf8))
    let source = try source(folder)
    func read() throws { for split in Split.allCases { try source.readImages(split, batch: 9) { _, _ in } } }
    let error = #expect(throws: UnreadableImages.self) { try read() }
    #expect(
      error?.description == "\(folder.path)/a/1.png: expected a PNG or JPEG image, found something else; "
        + "--skip-unreadable leaves it out")
    try folder.add("a/1.png", value: 1)
    let change = #expect(throws: DatasetError.self) { try read() }
    #expect(change.map { $0.description.contains("/a/1.png: SHA-256: expected ") } == true)
  }

  @Test(
    "ratios are three positive numbers",
    arguments: [
      ("70/10/20", true), ("1/1/1", true), ("0/1/1", false), ("70/30", false), ("a/1/1", false), ("-1/1/1", false),
    ])
  func ratios(text: String, isRight: Bool) { #expect((SplitRatios(text) != nil) == isRight) }

  @Test("every split gets at least one group, all get all", arguments: 3..<40)
  func shares(count: Int) {
    for ratios in [
      SplitRatios.standard, SplitRatios(train: 1, val: 49, test: 50), SplitRatios(train: 98, val: 1, test: 1),
    ] {
      let counts = ratios.counts(of: count)
      #expect(counts.values.reduce(0, +) == count)
      #expect(counts.values.allSatisfy { $0 >= 1 })
    }
  }
}
