import Testing
import _TestSupport

/// A directory with folders of images, scans and archives, good and bad, in which every command below is run.
private func furnish() throws -> Bench {
  let bench = try Bench()
  let directory = bench.directory
  func images(_ folder: String, _ names: [String]) throws {
    try directory.makeDirectories(folder)
    for name in names { try directory.write(Fixtures.bytes("images/\(name)"), to: "\(folder)/\(name)") }
  }
  // Grey, colour, palette, 16 bits, transparency, every kind of JPEG: all of these are images.
  let first = ["grey.png", "rgb.png", "grey.jpg", "progressive.jpg", "bilevel.png"]
  let second = ["grey-16.png", "rgba.png", "rgb-420.jpg", "palette.png", "grey-alpha.png"]
  for folder in ["good", "one-class", "none", "stranger", "loop"] + badImages.map(\.name) {
    try images("\(folder)/a", first)
    if folder != "one-class" { try images("\(folder)/b", second) }
  }
  for (name, _) in badImages { try images("\(name)/b", [name]) }
  try directory.makeDirectories("none/c")
  try directory.write("notes", to: "stranger/b/notes.txt")
  try directory.makeLink("x", at: "loop/a/x")

  for (index, name) in classes.enumerated() {
    for person in 1...(index == 3 ? 2 : 3) {
      let number = 1000 + 10 * index + person
      for folder in ["oasis", "oasis-name", "oasis-stranger"] {
        try directory.makeDirectories("\(folder)/\(name)")
        try directory.write(
          Fixtures.bytes("images/grey.png"), to: "\(folder)/\(name)/OAS1_\(number)_MR1_mpr-1_120.png")
      }
      try directory.makeDirectories("oasis-missing")
      if index < 3 {
        try directory.makeDirectories("oasis-missing/\(name)")
        try directory.write("", to: "oasis-missing/\(name)/OAS1_0001_MR1_mpr-1_120.png")
      }
    }
  }
  try directory.write(Fixtures.bytes("images/grey.png"), to: "oasis-name/Mild Dementia/brain 7.png")
  try directory.makeDirectories("oasis-stranger/Severe Dementia")

  var files = AnalyzeFiles(extents: [4, 161, 4])
  var table = "ID,CDR\n"
  for (index, rating) in ["0", "0.5", "1", "2"].enumerated() {
    for person in 1...3 {
      let visit = "OAS1_\(1000 + 10 * index + person)_MR1"
      table += "\(visit),\(rating)\n"
      for folder in ["scans", "scans-short", "scans-header"] {
        let path = "\(folder)/\(visit)/RAW"
        try directory.makeDirectories(path)
        files.isBigEndian = person != 2
        try directory.write(files.header, to: "\(path)/\(visit)_mpr-1_anon.hdr")
        try directory.write(
          files.voxels { $0 * $1 + $2 * person }, to: "\(path)/\(visit)_mpr-1_anon.img")
      }
    }
  }
  try directory.write(table, to: "cdr.csv")
  try directory.write(table.replacing("OAS1_1021_MR1,1\n", with: ""), to: "cdr-missing.csv")
  let scan = "OAS1_1021_MR1/RAW/OAS1_1021_MR1_mpr-1_anon"
  try directory.write(Array(directory.bytes("scans/\(scan).img").dropLast(100)), to: "scans-short/\(scan).img")
  try directory.write(
    [0, 0, 1, 0x5D] + directory.bytes("scans/\(scan).hdr").dropFirst(4), to: "scans-header/\(scan).hdr")

  for name in ["outside", "duplicate", "traversal", "absolute", "overlap", "bomb-ratio", "bomb-shape", "truncated"] {
    try bench.copy("npz/\(name).npz")
  }
  return bench
}

private let classes = ["Non Demented", "Very mild Dementia", "Mild Dementia", "Moderate Dementia"]

/// Images that cannot be used, and what is said about them.
private let badImages: [(name: String, message: String)] = [
  ("bad-cmyk.jpg", "colours: expected grey or red, green, blue, found CMYK"),
  ("bad-truncated-rgb-420.jpg", "damaged JPEG: "), ("bad-truncated-progressive.jpg", "damaged JPEG: "),
  ("bad-truncated-rgb.png", "damaged PNG: "), ("bad-bit.png", "damaged PNG: "),
  ("bad-huge.png", "size: expected at most 16384 pixels a side and 64 megapixels, found 2000000000 x 2000000000"),
  ("bad-huge.jpg", "size: expected at most 16384 pixels a side and 64 megapixels, found 65000 x 65000"),
  ("bad-wide.png", "size: expected at most 16384"), ("bad-area.png", "size: expected at most 16384"),
  ("bad-empty.jpg", "expected a PNG or JPEG image, found something else"),
  ("bad-gif.png", "expected a PNG or JPEG image, found something else"),
]

private let common = "--resolution 28 --profile paper --quiet --output out.h5"
private let folder = "\(common) --dataset mydata --source folder"
private let oasis = "\(common) --dataset oasis --source oasis"
private let npz = "\(common) --dataset breastmnist --source npz --allow-unofficial"

private let failures: [(words: String, status: Int32, message: String)] =
  badImages.map { ("\(folder) --input \($0.name)", 65, "\($0.name)/b/\($0.name): \($0.message)") } + [
    ("\(folder) --input nowhere", 66, "nowhere: cannot open: No such file or directory"),
    ("\(folder) --input cdr.csv", 66, "cdr.csv: cannot open: Not a directory"),
    ("\(folder) --input one-class", 65, "one-class: class folders: expected 2 to 256, found 1"),
    ("\(folder) --input none", 65, "none/c: class folder: expected images (.png, .jpg, .jpeg), found none"),
    ("\(folder) --input stranger", 65, "stranger/b/notes.txt: class folder: expected images"),
    ("\(folder) --input loop", 65, "loop/a/x: entry: expected a file or a directory, found Too many levels of"),
    ("\(folder) --input good --split-file nowhere.csv", 66, "nowhere.csv: cannot open: No such file or directory"),
    ("\(folder) --input good --split-file cdr.csv", 65, "cdr.csv: line 1: expected 'path,split', found 'ID,CDR'"),
    ("\(oasis) --input good", 65, "good: class folders: expected Non Demented, Very mild Dementia, "),
    (
      "\(oasis) --input oasis-missing", 65,
      "oasis-missing: class folders: expected Non Demented, Very mild Dementia, Mild Dementia, Moderate Dementia, found "
        + "no Moderate Dementia"
    ),
    ("\(oasis) --input oasis-stranger", 65, "oasis-stranger: class folders: expected "),
    (
      "\(oasis) --input oasis-name", 65,
      "oasis-name/Mild Dementia/brain 7.png: name: expected a name like OAS1_0001_MR1_mpr-1_100.jpg, found brain 7.png"
    ),
    (
      "\(oasis) --input oasis --split participant", 65,
      "oasis/Moderate Dementia: participants: expected at least 3 in class 'Moderate Dementia', one each for train, val "
        + "and test, found 2; --allow-missing-val puts one in train and one in test, none in val, --split slice or volume "
        + "divides their images and leaks"
    ),
    ("\(oasis) --input oasis --cdr-table nowhere.csv", 66, "nowhere.csv: cannot open: No such file or directory"),
    (
      "\(oasis) --input oasis --cdr-table cdr.csv", 65,
      "oasis: scans: expected files like disc1/OAS1_0001_MR1/RAW/OAS1_0001_MR1_mpr-1_anon.hdr, found none"
    ),
    (
      "\(oasis) --input scans --cdr-table cdr-missing.csv", 65,
      "cdr-missing.csv: rows: expected one for OAS1_1021_MR1 (OAS1_1021_MR1/RAW/OAS1_1021_MR1_mpr-1_anon.hdr), found none"
    ),
    (
      "\(oasis) --input scans-short --cdr-table cdr.csv", 65,
      "scans-short/OAS1_1021_MR1/RAW/OAS1_1021_MR1_mpr-1_anon.hdr: voxels: expected 5152 bytes for [4, 161, 4] of 16 bits, "
        + "found 5052"
    ),
    (
      "\(oasis) --input scans-header --cdr-table cdr.csv", 65,
      "scans-header/OAS1_1021_MR1/RAW/OAS1_1021_MR1_mpr-1_anon.hdr: sizeof_hdr: expected 348 in either byte order"
    ),
    ("\(npz) --input outside.npz", 65, "outside.npz: "), ("\(npz) --input duplicate.npz", 65, "duplicate.npz: "),
    ("\(npz) --input traversal.npz", 65, "traversal.npz: "), ("\(npz) --input absolute.npz", 65, "absolute.npz: "),
    ("\(npz) --input overlap.npz", 65, "overlap.npz: "), ("\(npz) --input bomb-ratio.npz", 65, "bomb-ratio.npz: "),
    ("\(npz) --input bomb-shape.npz", 65, "bomb-shape.npz: "), ("\(npz) --input truncated.npz", 65, "truncated.npz: "),
  ]

@Suite("Images of one's own, slices, scans and archives") struct DataSourceTests {
  /// All commands run in one directory, whose files, names and bytes, must be the same afterwards.
  @Test("What cannot be used is one line and the right exit code, and leaves nothing", .timeLimit(.minutes(20)))
  func failing() throws {
    let bench = try furnish()
    let before = try bench.contents()
    for (words, status, message) in failures {
      let result = try bench.run(.prepareData, words)
      #expect(result.status == status, "\(words): \(result)")
      #expect(result.output.isEmpty)
      #expect(result.errors.hasPrefix("prepare-data: error: \(message)"), "\(words): \(result.errors)")
      #expect(result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
      let after = try bench.contents()
      #expect(after == before, "\(words) left or changed \(after.filter { before[$0.key] != $0.value }.keys)")
      guard after == before else { break }
    }
  }

  @Test("What can be used is, and gives the same bytes twice")
  func succeeding() throws {
    let bench = try furnish()
    for words in [
      "\(folder) --input good --channels 1", "\(folder) --input good --ratios 2/1/1",
      "\(oasis) --input oasis --split participant --allow-missing-val",
      "\(oasis) --input scans --cdr-table cdr.csv --split participant",
      "\(oasis) --input scans --cdr-table cdr.csv --split volume --per-class-cap 90",
    ] {
      try bench.complete(.prepareData, words)
      let first = try bench.directory.bytes("out.h5")
      try bench.complete(.prepareData, words)
      #expect(try bench.directory.bytes("out.h5") == first)
    }
  }

  @Test("A full disk: one line, nothing left", arguments: ["folder", "scans"])
  func fullDisk(kind: String) throws {
    let bench = try furnish()
    let words = kind == "folder" ? "\(folder) --input good" : "\(oasis) --input scans --cdr-table cdr.csv"
    // A limit of a few blocks on the size of a file fails like a disk without room.
    let result = try runProcess(
      "/bin/sh", ["-c", "ulimit -f 4; trap '' XFSZ; exec \(toolPath("prepare-data")) \(words)"],
      in: bench.directory.path)
    #expect(result.status == 74)
    #expect(result.errors.hasPrefix("prepare-data: error: out.h5"), "\(result.errors)")
    #expect(result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
    #expect(try !bench.directory.entries().contains { $0.hasPrefix("out.h5") })
  }

  @Test("One line declares data of one's own for both make table1 and make datasets", .timeLimit(.minutes(20)))
  func ownTable() throws {
    let bench = try furnish()
    let directory = bench.directory.path
    let result = try startMake([
      "ARTIFACTS=\(directory)/artifacts", "DATASETS=mydata", "mydata.folder=\(directory)/good", "RESOLUTIONS=28",
      "SEEDS=1",
      "VARIANTS=vit", "EPOCHS=1", "THREADS=1", "table1", "datasets",
    ]).wait()
    #expect(result.status == 0, "\(result)")
    let table = try bench.directory.text("artifacts/paper/tables/table1@mydata-28-vit-s1.md")
    #expect(table.contains("| mydata¶ AUC |"))
    #expect(table.contains("¶ no official file exists: images chosen and divided here."))
    #expect(!table.contains("†"))
    let datasets = try bench.directory.text("artifacts/paper/tables/datasets@mydata-28.md")
    #expect(datasets.contains("| mydata¶ |     28 |       2 |     6 |   2 |    2 |"), "\(datasets)")
  }
}
