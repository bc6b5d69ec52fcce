import Digests
import Synchronization

/// The images of a split where they lie in the file, each with its digest. Safe to use from several threads.
///
/// An image's SHA-256 is compared with the sealed one when the image is read for the first time, and later whenever its
/// bytes are no longer those of that time. To see that, a fingerprint of the checked bytes is kept: it costs a fiftieth of
/// the SHA-256, and no single changed word escapes it.
final class StoredImages: Sendable {
  /// Where the images begin, and N of them.
  private let start: Int
  let count: Int
  /// Bytes of an image.
  private let imageSize: Int
  private let file: SealedFile
  private let digests: [UInt8]
  private let object: String
  /// The fingerprint of each image that was checked; 0 for the others. Unsafe, by this invariant: allocated and
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
    try file.read(into: buffer, at: start + range.lowerBound * imageSize)
    for index in range {
      let place = (index - range.lowerBound) * imageSize
      try check(index, UnsafeRawBufferPointer(rebasing: buffer[place..<place + imageSize]))
    }
  }

  private func check(_ index: Int, _ image: UnsafeRawBufferPointer) throws(ArtifactError) {
    let fingerprint = Fingerprint.of(image)
    guard checked[index].load(ordering: .relaxed) != fingerprint else { return }
    let found = SHA256.value(of: image)
    let expected = digests.withUnsafeBytes { SHA256Value($0, at: index * SHA256Value.size) }
    guard found == expected else {
      throw .digestMismatch(
        path: file.path, object: "\(object)[\(index)]", expected: "\(expected)", found: "\(found)")
    }
    checked[index].store(fingerprint, ordering: .relaxed)
  }

  /// Says that an image will be wanted soon.
  func announce(_ index: Int) {
    precondition((0..<count).contains(index), "image \(index) of \(count)")
    file.announce(start + index * imageSize..<start + (index + 1) * imageSize)
  }
}
