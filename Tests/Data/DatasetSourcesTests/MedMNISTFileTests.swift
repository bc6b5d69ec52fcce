import Failures
import Testing
import _TestSupport

@testable import DatasetSources
import Datasets

/// The dataset of the fixtures: 5 × 5 pixels, three classes, 7 + 4 + 5 images.
private func description(channels: Int = 1) -> DatasetDescription {
  DatasetDescription(
    name: "tiny", title: "Tiny", task: .multiClass, channels: channels, classNames: ["a", "b", "c"],
    officialCounts: nil, licence: "none", citation: "none", officialFiles: [:])
}

private func fixture(_ name: String, channels: Int = 1) throws -> MedMNISTFile {
  try MedMNISTFile(
    path: Fixtures.path("npz/\(name).npz"), description: description(channels: channels), resolution: 5,
    allowUnofficial: true)
}

/// The pixels that `generate_npz.py` puts into a split.
private func expectedImages(_ split: Split, count: Int, channels: Int = 1) -> [UInt8] {
  var pixels: [UInt8] = []
  for i in 0..<count {
    for r in 0..<5 {
      for c in 0..<5 {
        for k in 0..<channels {
          pixels.append(UInt8((17 * split.order + 31 * i + 7 * r + 13 * c + 5 * k) % 251))
        }
      }
    }
  }
  return pixels
}

/// All pixels of a split, read in batches of `batch`.
private func pixels(of source: some ImageSource, _ split: Split, batch: Int) throws -> [UInt8] {
  var pixels: [UInt8] = []
  try source.readImages(split, batch: batch) { images, count in
    #expect(images.count == count * source.imageSize)
    pixels += images
  }
  return pixels
}

/// The failure that `body` ends in; nil if it succeeds.
private func failure(_ body: () throws -> MedMNISTFile) -> (any Failure)? {
  do {
    _ = try body()
    return nil
  } catch { return error as? any Failure }
}

@Suite struct MedMNISTFileTests {
  static let counts: [Split: Int] = [.train: 7, .val: 4, .test: 5]

  @Test(
    "What numpy and zipfile write is read",
    arguments: [
      "stored", "deflated", "zip64", "descriptors", "comment", "fortran", "npy1", "npy2", "npy3", "labels-any-i1",
      "labels-little-i2", "labels-little-u4", "labels-big-i4", "labels-little-i8", "labels-big-i8", "labels-big-u8",
    ], [1, 3, 100])
  func readsGoodFiles(_ name: String, batch: Int) throws {
    let file = try fixture(name)
    #expect(!file.isOfficial)
    for (split, count) in Self.counts {
      #expect(file.count(of: split) == count)
      #expect(file.labels(split) == (0..<count).map { $0 % 3 })
      #expect(try pixels(of: file, split, batch: batch) == expectedImages(split, count: count))
    }
  }

  @Test(arguments: ["colour", "fortran-colour"])
  func readsColour(_ name: String) throws {
    let file = try fixture(name, channels: 3)
    for (split, count) in Self.counts {
      #expect(try pixels(of: file, split, batch: 2) == expectedImages(split, count: count, channels: 3))
    }
  }

  @Test(
    "What is wrong is named",
    arguments: [
      ("wrong-dtype", "val_images.npy: descr: expected an integer type such as '|u1' or '<i8', found '<f4'"),
      ("wrong-label-dtype", "val_labels.npy: descr: expected an integer type such as '|u1' or '<i8', found '<f8'"),
      ("wrong-shape", "test_images.npy: shape: expected [N, 5, 5] for tiny at 5, found [5, 4, 5]"),
      ("wrong-label-shape", "test_labels.npy: shape: expected [5, 1] or [5]"),
      ("label-count", "train_labels.npy: shape: expected [7, 1] or [7] (one label for each image), found [6, 1]"),
      ("label-range", "train_labels.npy: label 3: expected 0 to 2, found 3"),
      ("label-negative", "train_labels.npy: label 3: expected 0 to 2, found -1"),
      ("empty-split", "val_images.npy: images: expected 1 to 16777216, found 0"),
      ("missing-member", "found no val_labels.npy"),
      ("extra-member", "found also notes.npy"),
      ("structured", "val_labels.npy: descr: expected a plain type"),
      ("traversal", "../outside.npy: name: expected a relative path"),
      ("absolute", "/etc/outside.npy: name: expected a relative path"),
      ("bzip2", "train_images.npy: method: expected 0 (stored) or 8 (deflated), found 12"),
      ("duplicate", "train_images.npy: name: expected each name once, found two members"),
      ("truncated", "end of central directory: expected a whole ZIP archive"),
      ("empty", "end of central directory: expected a whole ZIP archive"),
      ("prepended", "central directory: expected"),
      ("encrypted", "val_images.npy: flags: expected no encryption"),
      ("outside", "val_images.npy: offset: expected at most"),
      ("overlap", "val_images.npy: local header: expected the name of the directory"),
      ("disk", "val_images.npy: disk number: expected 0"),
      ("disks", "disk number: expected 0 (one file), found 2"),
      ("bomb-long-member", "train_images.npy: size: expected 175 bytes of array [7, 5, 5], found 300175"),
      ("bomb-shape", "train_images.npy: size: expected 194444444444425 bytes"),
      ("bomb-ratio", "train_images.npy: size: expected at most 1032 times"),
      ("bomb-header", "train_images.npy: .npy header length: expected at most 65536, found 2147483647"),
      ("bomb-depth", "train_images.npy: .npy header: expected a Python dictionary"),
    ])
  func refusesBadFiles(_ name: String, expected: String) {
    let error = failure { try fixture(name) }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains(expected), "\(text)")
    #expect(text.hasPrefix(Fixtures.path("npz/\(name).npz")) && !text.contains("\n"))
    #expect(error?.kind == .badData)
  }

  @Test(
    "Damage in the pixels is found where reading ends",
    arguments: [
      ("bit-flip", Split.val, "val_images.npy: CRC-32: expected"),
      ("bomb-long-stream", .train, "train_images.npy: size: expected 303, found more"),
    ])
  func refusesBadPixels(_ name: String, split: Split, expected: String) throws {
    let file = try fixture(name)
    let error = #expect(throws: DatasetError.self) { try file.readImages(split, batch: 2) { _, _ in } }
    #expect(error.map { "\($0)".contains(expected) } == true, "\(String(describing: error))")
  }

  @Test func refusesWhatIsNotThere() {
    let error = failure { try fixture("no-such-file") }
    #expect(error?.kind == .missingInput)
    let directory = failure {
      try MedMNISTFile(path: Fixtures.path("npz"), description: description(), resolution: 5)
    }
    #expect(directory?.kind == .missingInput)
  }

  @Test func unofficialFilesNeedPermission() throws {
    let error = #expect(throws: DatasetError.self) {
      try MedMNISTFile(path: Fixtures.path("npz/stored.npz"), description: description(), resolution: 5)
    }
    #expect(error.map { "\($0)".contains("--allow-unofficial") } == true)
  }
}
