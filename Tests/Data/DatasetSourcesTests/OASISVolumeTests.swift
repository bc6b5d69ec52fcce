import Digests
import Failures
import Files
import Glibc
import Images
import Testing
import _TestSupport

@testable import DatasetSources
import Datasets

/// Small scans below `discN/VISIT/RAW`, and the table of their ratings.
private struct Scans {
  let folder: ImageFolder
  static let files = AnalyzeFiles(extents: [6, 162, 4])

  var table: String { "\(folder.path)/table.csv" }

  /// One visit of `people[c]` people of class c, each with two scans.
  init(people: [Int] = [4, 3, 3, 2]) throws {
    folder = try ImageFolder()
    var lines = ["ID,M/F,Hand,Age,Educ,SES,MMSE,CDR,eTIV,nWBV,ASF,Delay"]
    var number = 0
    for (label, count) in people.enumerated() {
      for _ in 0..<count {
        number += 1
        try add("disc\(1 + number % 2)", number)
        let rating = ["0", "0.5", "1.0", "2"][label]
        lines.append("\(Self.visit(number)),F,R,74,2,3,29,\(rating),1344,0.743,1.306,N/A")
      }
    }
    try write(lines)
  }

  static func visit(_ number: Int) -> String { "OAS1_\(1000 + number)_MR1" }

  func write(_ lines: [String]) throws {
    try folder.add("table.csv", Array((lines.joined(separator: "\n") + "\n").utf8))
  }

  func lines() throws -> [String] {
    String(decoding: try contents(ofFile: table), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Voxel (back, height, side) of scan s of person n is 7 n + 31 s + 5 back + 40 side + 3 height.
  static func voxels(_ number: Int, _ scan: Int) -> [UInt8] {
    files.voxels { 7 * number + 31 * scan + 5 * $0 + 40 * $2 + 3 * $1 * ($0 % 2) }
  }

  func add(_ disc: String, _ number: Int) throws {
    for scan in 1...2 {
      let name = "\(disc)/\(Self.visit(number))/RAW/\(Self.visit(number))_mpr-\(scan)_anon"
      try folder.add("\(name).hdr", Self.files.header)
      try folder.add("\(name).img", Self.voxels(number, scan))
      // What else is there does not matter.
      try folder.add("\(name)_sag_66.gif", [1])
    }
  }

  func source(
    _ level: OASISSource.Level = .slice, cap: Int? = nil, allowsMissingVal: Bool = false, resolution: Int = 28,
    skipsUnreadable: Bool = false
  ) throws -> OASISSource {
    try OASISSource(
      directory: folder.path, clinicalTable: table, resolution: resolution,
      division: .init(
        level: level, ratios: .standard, perClassCap: cap, allowsMissingVal: allowsMissingVal,
        skipsUnreadable: skipsUnreadable, seed: 1))
  }
}

@Suite("OASIS volumes") struct OASISVolumeTests {
  @Test("61 slices of every scan, in the class of the visit's rating")
  func classes() throws {
    let scans = try Scans()
    let source = try scans.source()
    #expect(source.manifest.count == 12 * 2 * 61)
    #expect((0..<4).map { label in source.manifest.count { $0.label == label } } == [488, 366, 366, 244])
    // People 1 to 4 have a rating of 0, 5 to 7 of 0.5, 8 to 10 of 1, 11 and 12 of 2.
    for row in source.manifest {
      let person = try #require(row.slice.flatMap { Int($0.participant.suffix(4)) }) - 1000
      #expect(row.label == [4, 7, 10, 12].firstIndex { person <= $0 })
    }
    #expect(Set(source.manifest.compactMap(\.slice?.slice)) == Set(100...160))
    #expect(source.isLeaking && !source.isOfficial)
    let row = try #require(source.manifest.first { $0.slice?.volume == "OAS1_1003_MR1_mpr-2" })
    #expect(row.file == "disc2/OAS1_1003_MR1/RAW/OAS1_1003_MR1_mpr-2_anon.hdr")
    #expect(row.sha256 == SHA256.hexDigest(of: Scans.files.header + Scans.voxels(3, 2)))
    #expect(try scans.source(cap: 30).manifest.count == 120)
  }

  @Test("images are the slices of the volumes, resized", arguments: [28, 224])
  func pixels(resolution: Int) throws {
    let scans = try Scans()
    let source = try scans.source(cap: 20, resolution: resolution)
    for split in Split.allCases {
      var images: [UInt8] = []
      try source.readImages(split, batch: 7) { batch, _ in images += batch }
      let rows = source.manifest.filter { $0.split == split }
      #expect(images.count == rows.count * source.imageSize)
      for (index, row) in rows.enumerated() {
        let slice = try #require(row.slice)
        let number = try #require(Int(slice.participant.suffix(4))) - 1000
        let volume = try AnalyzeVolume(
          header: Scans.files.header, voxels: Scans.voxels(number, slice.acquisition), path: row.file)
        let image = volume.axialSlice(slice.slice)
        #expect((image.height, image.width) == (4, 6))
        var expected = [UInt8](repeating: 0, count: source.imageSize)
        let resize = AreaResize(height: 4, width: 6, channels: 1, newHeight: resolution, newWidth: resolution)
        image.pixels.withUnsafeBufferPointer { from in
          expected.withUnsafeMutableBufferPointer { resize(from, into: $0) }
        }
        #expect(Array(images[index * source.imageSize..<(index + 1) * source.imageSize]) == expected)
      }
    }
  }

  @Test("scans and people stay together where they must", arguments: [OASISSource.Level.volume, .participant])
  func disjoint(level: OASISSource.Level) throws {
    let source = try Scans().source(level, allowsMissingVal: level == .participant)
    var splits: [String: Set<Split>] = [:]
    for row in source.manifest {
      let slice = try #require(row.slice)
      splits[level == .volume ? slice.volume : slice.participant, default: []].insert(row.split)
    }
    #expect(splits.values.allSatisfy { $0.count == 1 })
    if level == .participant {
      #expect(Split.allCases.map { source.labels($0).count { $0 == 3 } } == [122, 0, 122])
    }
  }

  @Test("visits without a rating are left out, and that is said")
  func unrated() throws {
    let scans = try Scans(people: [4, 3, 3, 3])
    try scans.add("disc1", 50)
    try scans.add("disc2", 51)
    try scans.write(
      scans.lines() + ["\(Scans.visit(50)),F,R,20,,,,,1500,0.8,1.1,N/A", "\(Scans.visit(51)),F,R,20,,,,N/A,1,1,1,"])
    let source = try scans.source()
    #expect(source.manifest.count == 13 * 2 * 61)
    #expect(source.notices == ["\(scans.folder.path): 4 scans of visits without a CDR left out"])
  }

  @Test("the folders of discs and RAW may be missing; quoted fields and Windows line ends do not matter")
  func flat() throws {
    let scans = try Scans()
    let path = scans.folder.path
    for disc in ["disc1", "disc2"] {
      for name in try DirectoryListing(path: "\(path)/\(disc)").directories {
        #expect(rename("\(path)/\(disc)/\(name)/RAW", "\(path)/\(name)") == 0)
      }
    }
    let table = try scans.lines().map { $0.split(separator: ",").map { "\"\($0)\"" }.joined(separator: ",") + "\r" }
    try scans.write(table)
    #expect(try scans.source().manifest.first?.file == "OAS1_1001_MR1/OAS1_1001_MR1_mpr-1_anon.hdr")
  }

  @Test(
    "what is wrong is one line",
    arguments: [
      (
        "no row",
        "TMP/table.csv: rows: expected one for OAS1_1002_MR1 (disc1/OAS1_1002_MR1/RAW/OAS1_1002_MR1_mpr-1_anon.hdr), found none"
      ),
      ("no column", "TMP/table.csv: line 1: expected a header with the columns ID and CDR, found 'ID,CDRR'"),
      ("empty table", "TMP/table.csv: line 1: expected a header with the columns ID and CDR, found ''"),
      ("few fields", "TMP/table.csv: line 2: expected 12 fields, found 'OAS1_1001_MR1,F'"),
      ("identity", "TMP/table.csv: line 2: expected an ID like OAS1_0001_MR1, found 'OAS2_0001'"),
      ("rating", "TMP/table.csv: line 2: expected a CDR of 0, 0.5, 1, 2 or none, found '3'"),
      ("twice", "TMP/table.csv: line 14: expected each ID once, found 'OAS1_1001_MR1 again'"),
      (
        "no voxels",
        "TMP/disc2/OAS1_1001_MR1/RAW/OAS1_1001_MR1_mpr-1_anon.hdr: voxels: expected OAS1_1001_MR1_mpr-1_anon.img beside it, found none"
      ),
      (
        "two discs",
        "TMP: scans: expected OAS1_1001_MR1_mpr-1 once, found disc1/OAS1_1001_MR1/RAW/OAS1_1001_MR1_mpr-1_anon.hdr and disc2/OAS1_1001_MR1/RAW/OAS1_1001_MR1_mpr-1_anon.hdr"
      ),
      ("nothing", "TMP: scans: expected files like disc1/OAS1_0001_MR1/RAW/OAS1_0001_MR1_mpr-1_anon.hdr, found none"),
      ("loop", "TMP/disc3: entry: expected a file or a directory, found Too many levels of symbolic links"),
    ])
  func wrong(what: String, message: String) throws {
    let scans = try Scans()
    let path = scans.folder.path
    let first = "\(path)/disc2/OAS1_1001_MR1"
    var lines = try scans.lines()
    switch what {
    case "no row": lines.remove(at: 2)
    case "no column": lines = ["ID,CDRR"]
    case "empty table": lines = []
    case "few fields": lines[1] = "OAS1_1001_MR1,F"
    case "identity": lines[1] = lines[1].replacing("OAS1_1001_MR1", with: "OAS2_0001")
    case "rating": lines[1] = lines[1].replacing(",29,0,", with: ",29,3,")
    case "twice": lines.append(lines[1])
    case "no voxels": unlink("\(first)/RAW/OAS1_1001_MR1_mpr-1_anon.img")
    case "two discs": try scans.add("disc1", 1)
    case "nothing":
      for disc in ["disc1", "disc2"] { rename("\(path)/\(disc)", "\(path)/.\(disc)") }
    default: symlink("disc3", "\(path)/disc3")
    }
    try scans.write(lines)
    let error = #expect(throws: (any Error).self) { try scans.source() } as? any Failure
    #expect(error?.description.replacing(path, with: "TMP") == message)
    #expect(error?.kind == .badData)
  }

  @Test("volumes that are cut short, too low or changed end the reading")
  func damaged() throws {
    let scans = try Scans()
    let name = "disc2/OAS1_1001_MR1/RAW/OAS1_1001_MR1_mpr-1_anon"
    func read(_ source: OASISSource) throws {
      for split in Split.allCases { try source.readImages(split, batch: 99) { _, _ in } }
    }
    let whole = try scans.source()
    try read(whole)
    try scans.folder.add("\(name).img", Array(Scans.voxels(1, 1).dropLast()))
    let short = #expect(throws: UnreadableImages.self) { try read(scans.source()) }
    #expect(
      short?.description.hasSuffix(
        "voxels: expected 7776 bytes for [6, 162, 4] of 16 bits, found 7775; --skip-unreadable leaves it out") == true)
    let changed = #expect(throws: DatasetError.self) { try read(whole) }
    #expect(changed?.description.contains("\(name).hdr: SHA-256: expected ") == true)

    var low = AnalyzeFiles(extents: [6, 160, 4])
    low.isBigEndian = false
    try scans.folder.add("\(name).hdr", low.header)
    try scans.folder.add("\(name).img", low.voxels { _, _, _ in 1 })
    let error = #expect(throws: UnreadableImages.self) { try read(scans.source()) }
    let reason = "dim: expected more than 160 axial slices, found 160"
    #expect(error?.description.hasSuffix("\(reason); --skip-unreadable leaves it out") == true)
    // Left out, it is one file, however many slices of it are wanted.
    let rest = try scans.source(skipsUnreadable: true)
    try read(rest)
    #expect(rest.notices.filter { $0.hasPrefix("left out: ") } == ["left out: \(name).hdr: \(reason)"])
  }
}
