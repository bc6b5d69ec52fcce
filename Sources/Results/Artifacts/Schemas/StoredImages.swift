import Digests
import Synchronization

/// The images of a split where they lie in the file, each with its digest. Safe to use from several threads.
///
/// An image's SHA-256 is compared with the sealed one when the image is read for the first time, and again whenever the file
/// was changed since: the system notes the time of every change, and asking for it costs a hundredth of the SHA-256. What
/// changes without the system's knowledge, on the disk or in memory, is seen by the first reading only.
final class StoredImages: Sendable {
  /// Where the images begin, and N of them.
  private let start: Int
  let count: Int
  /// Bytes of an image.
  private let imageSize: Int
  private let file: SealedFile
  /// The SHA-256 of each image, `[N, 32]`.
  let digests: [UInt8]
  private let object: String
  /// The file's last change when an image was checked; 0 for those that were not. Unsafe, by this invariant: allocated and
  /// initialised once, touched as atomics only.
  nonisolated(unsafe) private let checked: UnsafeMutablePointer<Atomic<UInt64>>

  /// - Parameters:
  ///   - digests: `[N, 32]`.
  ///   - object: the array's path, for messages.
  init(_ file: SealedFile, at start: Int, imageSize: Int, digests: [UInt8], object: String) {
    self.file = file
    self.start = start
    self.imageSize = imageSize
    self.digests = digests
    self.object = object
    count = digests.count / SHA256Value.size
    checked = .allocate(capacity: max(count, 1))
    for index in 0..<count { (checked + index).initialize(to: Atomic(0)) }
  }

  deinit {
    checked.deinitialize(count: count)
    checked.deallocate()
  }

  /// Reads some images, one behind the other, and checks each.
  /// - Throws: `FileError`; `ArtifactError.digestMismatch` for an image that is not what was written.
  func read(_ range: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) throws {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "images \(range) of \(count)")
    let before = try file.lastChange()
    try file.read(into: buffer, at: start + range.lowerBound * imageSize)
    let after = try file.lastChange()
    for index in range {
      // Checked at a time after which the file was not changed until now.
      if let after, checked[index].load(ordering: .relaxed) == after { continue }
      let place = (index - range.lowerBound) * imageSize
      try check(index, UnsafeRawBufferPointer(rebasing: buffer[place..<place + imageSize]))
      if let before { checked[index].store(before, ordering: .relaxed) }
    }
  }

  private func check(_ index: Int, _ image: UnsafeRawBufferPointer) throws(ArtifactError) {
    let found = SHA256.value(of: image)
    let expected = digests.withUnsafeBytes { SHA256Value($0, at: index * SHA256Value.size) }
    guard found == expected else {
      throw .digestMismatch(
        path: file.path, object: "\(object)[\(index)]", expected: "\(expected)", found: "\(found)")
    }
  }

  /// Says that an image will be wanted soon.
  func announce(_ index: Int) {
    precondition((0..<count).contains(index), "image \(index) of \(count)")
    file.announce(start + index * imageSize..<start + (index + 1) * imageSize)
  }
}
