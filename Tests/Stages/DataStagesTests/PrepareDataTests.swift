import Artifacts
import CommandLineKit
import Datasets
import Failures
import Glibc
import Images
import DataStages
import DatasetSources
import Testing
import _TestSupport

/// A temporary directory in which shell commands make folders of images.
private final class Place {
  let path: String

  init() throws {
    var template = Array("/tmp/qvit-prepare-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Trouble(description: "no temporary directory") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { _ = try? sh("rm -rf \"$PWD\"") }

  /// Runs a command here; `$F` is the folder of image fixtures, `$S` that of the real slices.
  func sh(_ command: String) throws {
    let line =
      "cd '\(path)' && F='\(Fixtures.path("images"))' && S='\(Fixtures.packageRoot)/../shared/data/oasis-slices-sample'"
      + " && { \(command)\n}"
    guard system(line) == 0 else { throw Trouble(description: "failed: \(command)") }
  }

  /// Runs prepare-data; `TMP` in the words is this directory, words are separated by spaces.
  func prepare(_ words: String) throws {
    let arguments = words.replacing("TMP", with: path).split(separator: " ").map(String.init)
    guard case .run(let parsed) = try PrepareDataStage.command.parse(arguments) else { return }
    try PrepareDataStage.run(parsed)
  }

  /// The failure of a run that must fail, and must leave nothing behind.
  func failure(_ words: String) throws -> (text: String, kind: FailureKind)? {
    do { try prepare(words) } catch let failure as any Failure {
      for name in ["out.h5", "out.h5.part"] { #expect(access("\(path)/\(name)", F_OK) != 0, "\(name) is there") }
      return (failure.description.replacing(path, with: "TMP"), failure.kind)
    }
    return nil
  }
}

private struct Trouble: Error, CustomStringConvertible { var description: String }

private let common = "--resolution 28 --profile paper --quiet --output TMP/out.h5"
private let folder = "\(common) --dataset mydata --source folder --input TMP/in"
private let oasis = "\(common) --dataset oasis --source oasis --input TMP/in"
/// Two classes of four images in all formats.
private let classes = """
  mkdir -p in/a in/b
  cp "$F/grey.png" "$F/rgb.png" "$F/grey.jpg" "$F/progressive.jpg" in/a
  cp "$F/grey-16.png" "$F/rgba.png" "$F/rgb-420.jpg" "$F/palette.png" in/b
  """

@Suite("prepare-data on folders") struct PrepareDataTests {
  @Test("a folder becomes an artifact with its manifest, the same bytes each time")
  func ownFolder() throws {
    let place = try Place()
    try place.sh(classes)
    try place.prepare("\(folder) --channels 1 --ratios 2/1/1 --seed 7")
    let artifact = try DatasetArtifact(path: "\(place.path)/out.h5")
    #expect(artifact.header.dataset == "mydata")
    #expect(artifact.header.seed == 7)
    #expect(artifact.header.configuration == #"{"channels":1,"ratios":"2/1/1"}"#)
    #expect(!artifact.header.isOfficial && !artifact.header.isLeaking && !artifact.header.isGenerated)
    #expect(artifact.contents.classNames == ["a", "b"])
    #expect(artifact.contents.task == .binary)
    #expect(Split.allCases.map { artifact.count(of: $0) } == [4, 2, 2])
    let manifest = try artifact.manifest()
    for split in Split.allCases {
      #expect(try artifact.labels(split).map(Int.init) == manifest.filter { $0.split == split }.map(\.label))
    }
    #expect(manifest.allSatisfy { $0.slice == nil && $0.sha256.count == 64 })
    try place.prepare(
      "\(folder) --channels 1 --ratios 2/1/1 --seed 7".replacing("out.h5", with: "again.h5"))
    try place.sh("cmp out.h5 again.h5")
  }

  @Test("a folder that is divided already keeps its splits")
  func divided() throws {
    let place = try Place()
    try place.sh(
      """
      for split in train valid test; do mkdir -p in/$split/a in/$split/b; done
      cp "$F/grey.png" "$F/rgb.png" in/train/a
      cp "$F/grey.jpg" in/train/b
      cp "$F/palette.png" in/valid/a; cp "$F/rgba.png" in/valid/b
      cp "$F/progressive.jpg" in/test/a; cp "$F/grey-16.png" "$F/rgb-420.jpg" in/test/b
      """)
    let hint = try #require(try place.failure(folder))
    #expect(hint.text.hasSuffix("found test, train, valid: if these are the splits, give --divided"), "\(hint.text)")
    try place.prepare("\(folder) --divided")
    let artifact = try DatasetArtifact(path: "\(place.path)/out.h5")
    #expect(artifact.header.configuration == #"{"channels":3,"divided":true}"# && artifact.header.seed == 0)
    #expect(artifact.contents.classNames == ["a", "b"])
    #expect(try Split.allCases.map { try artifact.labels($0) } == [[0, 0, 1], [0, 1], [0, 1, 1]])
    #expect(
      try artifact.manifest().map(\.file) == [
        "train/a/grey.png", "train/a/rgb.png", "train/b/grey.jpg", "valid/a/palette.png", "valid/b/rgba.png",
        "test/a/progressive.jpg", "test/b/grey-16.png", "test/b/rgb-420.jpg",
      ])
    try place.sh("rm out.h5")
    for (change, message) in [
      ("mkdir in/more", "split folders: expected train, val and test, found also more"),
      ("rmdir in/more; mkdir in/val", "split folders: expected train, val and test, found both val and valid"),
      ("rm -r in/val in/valid", "split folders: expected train, val and test, found no val"),
      (
        "mkdir -p in/val/a in/val/c; cp \"$F/grey.png\" in/val/a; cp \"$F/grey.png\" in/val/c",
        "TMP/in/val: class folders: expected a, b, found a, c"
      ),
    ] {
      try place.sh(change)
      let failure = try #require(try place.failure("\(folder) --divided"))
      #expect(failure.text.hasSuffix(message) && failure.kind == .badData, "\(failure.text)")
    }
  }

  @Test("images that cannot be read are told all at once, or left out and listed")
  func unreadable() throws {
    let place = try Place()
    try place.sh("\(classes)\ncp \"$F/bad-gif.png\" in/a; cp \"$F/bad-cmyk.jpg\" in/b")
    let words = "\(folder) --ratios 2/1/1"
    let error = #expect(throws: UnreadableImages.self) { try place.prepare(words) }
    #expect(Set(error?.images.map(\.file) ?? []) == ["a/bad-gif.png", "b/bad-cmyk.jpg"])
    #expect(
      error?.description.hasSuffix("/in: 2 of 10 images cannot be read; --skip-unreadable leaves them out") == true)
    try place.prepare("\(words) --skip-unreadable")
    let artifact = try DatasetArtifact(path: "\(place.path)/out.h5")
    #expect(artifact.header.configuration == #"{"channels":3,"ratios":"2/1/1","unreadable":"left out"}"#)
    #expect(
      try artifact.leftOut() == [
        LeftOutImage(file: "a/bad-gif.png", reason: "expected a PNG or JPEG image, found something else"),
        LeftOutImage(
          file: "b/bad-cmyk.jpg",
          reason: "colours: expected grey or red, green, blue, found CMYK; convert the image first"),
      ])
    let manifest = try artifact.manifest()
    #expect(manifest.count == 8)
    // The others are divided as if the bad ones were good: mending one moves no other.
    try place.sh("cp \"$F/grey.png\" in/a/bad-gif.png; cp \"$F/grey.jpg\" in/b/bad-cmyk.jpg; rm out.h5")
    try place.prepare(words)
    let whole = try DatasetArtifact(path: "\(place.path)/out.h5")
    #expect(try whole.leftOut().isEmpty)
    #expect(try whole.manifest().filter { !$0.file.contains("bad") } == manifest)
    // What is no image at all is told with the pictures that cannot be decoded.
    try place.sh("rm out.h5; touch in/a/notes.txt; cp \"$F/bad-gif.png\" in/b/gif.png")
    let all = #expect(throws: UnreadableImages.self) { try place.prepare(words) }
    #expect(all?.images.map(\.file) == ["a/notes.txt", "b/gif.png"] && all?.count == 12)
    try place.prepare("\(words) --skip-unreadable")
    #expect(
      try DatasetArtifact(path: "\(place.path)/out.h5").leftOut().map(\.file) == ["a/notes.txt", "b/gif.png"])
    // Where all images of a split are bad there is nothing to learn from.
    try place.sh(
      "rm -r in; mkdir -p in/a in/b; for f in 1 2 3; do cp \"$F/bad-gif.png\" in/a/$f.png; cp \"$F/bad-gif.png\" in/b/$f.png; done; rm out.h5"
    )
    let failure = try #require(try place.failure("\(words) --skip-unreadable"))
    #expect(failure.text == "TMP/in: split train: expected at least one image, found none that can be read")
  }

  @Test("splits that leak are marked, participants' are not", arguments: ["slice", "volume", "participant"])
  func leaking(level: String) throws {
    let place = try Place()
    try place.sh(
      """
      n=1000
      for class in 'Non Demented' Very_mild_Dementia 'Mild Dementia' Moderate_Dementia; do
        mkdir -p "in/$class"
        for person in 1 2 3; do
          n=$((n + 1))
          for slice in 100 160; do cp "$F/grey.png" "in/$class/OAS1_${n}_MR1_mpr-1_$slice.png"; done
        done
      done
      """)
    try place.prepare("\(oasis) --split \(level)")
    let artifact = try DatasetArtifact(path: "\(place.path)/out.h5")
    #expect(artifact.header.isLeaking == (level != "participant"))
    #expect(artifact.header.isComparable == (level == "slice"))
    #expect(artifact.contents.classNames == Catalogue.oasis.classNames)
    let manifest = try artifact.manifest()
    #expect(manifest.count == 24)
    #expect(manifest.allSatisfy { $0.slice?.session == 1 })
    // All images are the same one: duplicates across splits are counted.
    #expect(try artifact.duplicates().pairCount > 0)
  }

  @Test(
    "real slices, with the stretch undone",
    .enabled(if: access("\(Fixtures.packageRoot)/../shared/data/oasis-slices-sample", R_OK) == 0, "they are absent"))
  func realSlices() throws {
    let place = try Place()
    try place.sh(
      """
      n=1000
      for class in Non_Demented Very_mild_Dementia Mild_Dementia Moderate_Dementia; do
        mkdir -p in/Data/$class
        for slice in "$S"/*.jpg; do n=$((n + 1)); cp "$slice" in/Data/$class/OAS1_${n}_MR1_mpr-1_110.jpg; done
      done
      """)
    try place.prepare("\(oasis) --split participant".replacing("28", with: "224"))
    let artifact = try DatasetArtifact(path: "\(place.path)/out.h5")
    #expect(artifact.header.resolution == 224)
    #expect(artifact.contents.channels == 1)
    // 496 x 248 pixels and 224 x 224 have the same mean, up to rounding.
    let means: [String: Double] = [
      "OAS1_1001": 3404858, "OAS1_1002": 5047477, "OAS1_1003": 4834526, "OAS1_1004": 4935713,
    ].mapValues { $0 / (496 * 248) }
    var checked = 0
    let manifest = try artifact.manifest()
    for split in Split.allCases {
      let rows = manifest.filter { $0.split == split }
      let images = try artifact.images(split)
      for (index, row) in rows.enumerated() {
        guard let participant = row.slice?.participant, let mean = means[participant] else { continue }
        let sum = images[(index * 224 * 224)..<((index + 1) * 224 * 224)].reduce(0) { $0 + Int($1) }
        #expect(abs(Double(sum) / (224 * 224) - mean) < 0.05)
        checked += 1
      }
    }
    #expect(checked == 4)
  }

  @Test(
    "bad input is one line and leaves nothing",
    arguments: [
      ("rm -r in", folder, "TMP/in: cannot open: No such file or directory", FailureKind.missingInput),
      ("rm -r in/*", folder, "TMP/in: class folders: expected 2 to 256, found 0", .badData),
      (
        "rm in/a/*", folder, "TMP/in/a: class folder: expected images (.png, .jpg, .jpeg), found none", .badData
      ),
      (
        "cp \"$F/bad-cmyk.jpg\" in/a", folder,
        "TMP/in/a/bad-cmyk.jpg: colours: expected grey or red, green, blue, found CMYK; convert the image first; --skip-unreadable leaves it out",
        .badData
      ),
      (
        "cp \"$F/bad-truncated-rgb-420.jpg\" in/b", folder,
        "TMP/in/b/bad-truncated-rgb-420.jpg: damaged JPEG: Premature end of JPEG file; --skip-unreadable leaves it out",
        .badData
      ),
      (
        "cp \"$F/bad-huge.png\" in/b", folder,
        "TMP/in/b/bad-huge.png: size: expected at most 16384 pixels a side and 64 megapixels, found 2000000000 x "
          + "2000000000; --skip-unreadable leaves it out", .badData
      ),
      (
        "ln -s x in/a/x", folder,
        "TMP/in/a/x: entry: expected a file or a directory, found Too many levels of symbolic links", .badData
      ),
      (
        "true", oasis,
        "TMP/in: class folders: expected Non Demented, Very mild Dementia, Mild Dementia, Moderate Dementia, found also a",
        .badData
      ),
    ])
  func badInput(change: String, words: String, message: String, kind: FailureKind) throws {
    let place = try Place()
    try place.sh("\(classes)\n\(change)")
    let failure = try #require(try place.failure(words))
    #expect(failure == (message, kind))
  }

  @Test(
    "wrong options are refused before anything is read",
    arguments: [
      (folder.replacing("mydata", with: "oasis"), "option '--dataset': expected a new name of small letters, "),
      (folder.replacing("mydata", with: "../x"), "option '--dataset': expected a new name of small letters, "),
      (
        oasis.replacing("--dataset oasis", with: "--dataset mydata"),
        "option '--dataset': expected one of 'breastmnist'"
      ),
      (oasis.replacing("--dataset oasis", with: "--dataset bloodmnist"), "--source oasis makes the dataset 'oasis', "),
      ("\(folder) --split slice", "'--split' does not go with --source folder"),
      ("\(folder) --data x.h5", "'--data' does not go with --source folder"),
      (
        "\(folder) --ratios 70/30",
        "option '--ratios': expected three whole numbers above 0 like 70/10/20, found '70/30'"
      ),
      ("\(folder) --split-file x --seed 2", "'--ratios' and '--seed' do not go with '--split-file'"),
      ("\(oasis) --channels 1", "'--channels' does not go with --source oasis"),
      ("\(oasis) --per-class-cap 2", "option '--per-class-cap': expected an integer from 3 to 10000000, found '2'"),
      ("\(common) --dataset oasis --source oasis", "--source oasis needs --input DIRECTORY"),
      ("--montage TMP/x.png", "--montage needs --data FILE"),
      ("--montage TMP/x.png --data y.h5 --source sample", "'--source' does not go with --montage"),
      ("--data TMP/y.h5", "missing '--dataset NAME'"),
    ])
  func wrongOptions(words: String, message: String) throws {
    let failure = try #require(try Place().failure(words))
    #expect(failure.text.hasPrefix(message), "\(failure.text)")
    #expect(failure.kind == .usage)
  }

  @Test("counts of classes are those of the labels, whatever the batches")
  func classCounts() throws {
    let place = try Place()
    // 20 images of 224 pixels are a batch, hundreds a split.
    try place.prepare(
      "--resolution 224 --profile sample --quiet --dataset breastmnist --source sample --output TMP/out.h5")
    let artifact = try DatasetArtifact(path: "\(place.path)/out.h5")
    for split in Split.allCases {
      let labels = try artifact.labels(split)
      #expect(labels.count > 100)
      #expect(try artifact.statistics(split).classCounts == (0..<2).map { label in labels.count { $0 == label } })
    }
  }

  @Test("a contact sheet shows the images of every class", arguments: ["bloodmnist", "breastmnist"])
  func montage(name: String) throws {
    let place = try Place()
    try place.prepare("--resolution 28 --profile sample --quiet --dataset \(name) --source sample --output TMP/out.h5")
    try place.prepare("--data TMP/out.h5 --montage TMP/sheet.png")
    let sheet = try PixelImage(path: "\(place.path)/sheet.png")
    let artifact = try DatasetArtifact(path: "\(place.path)/out.h5")
    let label = artifact.contents.classNames.count - 1
    let first = try #require(try artifact.labels(.train).firstIndex(of: UInt8(label)))
    let image = try artifact.images(.train)[(first * artifact.imageSize)..<((first + 1) * artifact.imageSize)]
    // The first image of the last class, each pixel three times as large.
    let channels = artifact.contents.channels
    let top = 92 + label * (84 + 60) + 36
    for (row, column) in [(0, 0), (13, 5), (27, 27)] {
      for channel in 0..<3 {
        let shown = sheet.pixels[((top + row * 3 + 1) * sheet.width + 24 + column * 3 + 1) * 3 + channel]
        #expect(shown == image[image.startIndex + (row * 28 + column) * channels + min(channel, channels - 1)])
      }
    }
    try place.sh("rm out.h5")
    let failure = try #require(try place.failure("--data TMP/out.h5 --montage TMP/new.png"))
    #expect(failure.kind == .missingInput)
    #expect(access("\(place.path)/new.png", F_OK) != 0)
  }
}
