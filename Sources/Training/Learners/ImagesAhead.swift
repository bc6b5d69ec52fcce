import Training
import Glibc
import VectorMath
import Threads

/// Reads images before they are wanted, on threads beside those that compute, for processors that would be idle.
///
/// Images are read in the order they are announced in, into a fixed number of places. Who wants an image takes it from there,
/// waits if it is just being read, and reads it itself if nobody has begun to; so nothing but time depends on how far the
/// readers have come.
final class ImagesAhead: @unchecked Sendable {
  // Invariant for Sendable: all variables below are touched under `lock` only, `readers` by the owner only. A place
  // belongs to the reader that took it out of `free`, then to the thread that holds it, until that gives it back.

  /// What became of an announced image.
  private enum Found {
    case beingRead
    case ready(place: Int)
    case failed(any Error)
  }

  private let stream: ImageStream
  private let imageBytes: Int
  private let memory: AlignedMemory<UInt8>
  /// Announced and not begun, in order.
  private var queue: [Int] = []
  /// Announced, and the system has not heard of it.
  private var unheard: [Int] = []
  private var found: [Int: Found] = [:]
  private var free: [Int]
  /// The place each computing thread works on.
  private var held: [Int?]
  private var idleReaders = 0
  private var isEnding = false

  private var readers: [pthread_t] = []
  private let lock = Lock()
  private let work: Lock.Condition
  private let arrival: Lock.Condition

  /// Places per computing thread, within limits: 10 to 40 MB of images.
  private static let placesPerThread = 16
  private static let places = 64...256
  /// A reader keeps up with so many computing threads.
  private static let threadsPerReader = 3
  /// Waking a reader takes longer than reading an image, so it is done for several.
  private static let imagesPerAwakening = 8

  /// Starts readers for `threads` computing threads, on at most `spare` processors.
  /// - Returns: nil if there is no processor to spare, or no room for another thread.
  init?(_ stream: ImageStream, imageBytes: Int, threads: Int, spare: Int) {
    let wanted = min(spare, (threads + Self.threadsPerReader - 1) / Self.threadsPerReader)
    guard wanted > 0 else { return nil }
    self.stream = stream
    self.imageBytes = imageBytes
    let places = min(max(threads * Self.placesPerThread, Self.places.lowerBound), Self.places.upperBound)
    memory = AlignedMemory(uninitializedCount: places * imageBytes)
    free = Array((0..<places).reversed())
    held = Array(repeating: nil, count: threads)
    work = Lock.Condition(of: lock)
    arrival = Lock.Condition(of: lock)
    while readers.count < wanted, let reader = startThread({ self.readOn() }) { readers.append(reader) }
    if readers.isEmpty { return nil }
  }

  /// Ends the readers. They keep this object alive until then, and nobody may ask for an image any more.
  func end() {
    lock.locked {
      isEnding = true
      work.broadcast()
    }
    for reader in readers { pthread_join(reader, nil) }
    readers = []
  }

  private func pointer(_ place: Int) -> UnsafeMutablePointer<UInt8> { memory.base + place * imageBytes }

  // MARK: The computing threads' side

  /// An image will be wanted.
  func announce(_ index: Int) {
    lock.locked {
      queue.append(index)
      unheard.append(index)
      awakenReader()
    }
  }

  /// Image `index`, valid until the same thread asks for another, and `next` if it is here already. What no reader has begun
  /// is read into `own`.
  /// - Throws: what reading throws.
  func image(
    _ index: Int, next: Int?, thread: Int, own: UnsafeMutablePointer<UInt8>
  ) throws -> (image: UnsafePointer<UInt8>, next: UnsafePointer<UInt8>?) {
    var image = own
    var following: UnsafePointer<UInt8>?
    let isHere = try lock.locked { () throws -> Bool in
      if let place = held[thread] { free.append(place) }
      held[thread] = nil
      awakenReader()
      while case .beingRead = found[index] { arrival.wait() }
      if let next, case .ready(let place) = found[next] { following = UnsafePointer(pointer(place)) }
      switch found.removeValue(forKey: index) {
      case .ready(let place):
        held[thread] = place
        image = pointer(place)
        return true
      case .failed(let error): throw error
      case .beingRead, nil:
        if let position = queue.firstIndex(of: index) { queue.remove(at: position) }
        return false
      }
    }
    if !isHere { try stream.read(index, UnsafeMutableBufferPointer(start: own, count: imageBytes)) }
    return (UnsafePointer(image), following)
  }

  /// Under `lock`.
  private func awakenReader() {
    if idleReaders > 0, min(queue.count, free.count) >= Self.imagesPerAwakening { work.signal() }
  }

  // MARK: The readers' side

  private func readOn() {
    while let (index, place, later) = nextImage() {
      // The system fetches from the disk what is not in its memory while this image is read.
      for index in later { stream.announce(index) }
      let outcome: Found
      do {
        try stream.read(index, UnsafeMutableBufferPointer(start: pointer(place), count: imageBytes))
        outcome = .ready(place: place)
      } catch { outcome = .failed(error) }
      lock.locked {
        found[index] = outcome
        if case .failed = outcome { free.append(place) }
        arrival.broadcast()
      }
    }
  }

  /// Waits for an image to read and a place for it; nil at the end.
  private func nextImage() -> (index: Int, place: Int, later: [Int])? {
    lock.locked {
      while !isEnding {
        // An image that was announced for another use is read by who wants it the second time.
        queue.removeAll { found[$0] != nil }
        if let index = queue.first, let place = free.popLast() {
          queue.removeFirst()
          found[index] = .beingRead
          defer { unheard = [] }
          return (index, place, unheard)
        }
        idleReaders += 1
        work.wait()
        idleReaders -= 1
      }
      return nil
    }
  }
}
