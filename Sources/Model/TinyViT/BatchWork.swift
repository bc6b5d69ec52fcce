import Threads
import VectorMath

/// How the images of a batch are cut into chunks and run: in parallel (training, where every layer ends at a barrier) or
/// one after the other on the calling thread (inference, where each thread takes images through the whole network).
struct BatchWork {
  /// Images of a chunk. Chunks depend on the batch only, so sums over a batch do not depend on the number of threads. Four
  /// images are enough for the products of the last stages, whose grids have 49 tokens.
  static let imagesPerChunk = 4

  /// Images of the batch.
  let images: Int
  /// The threads; nil for the calling thread alone.
  let pool: WorkerPool?
  /// Memory for the chunks at work.
  let scratch: ScratchMemory

  /// Chunks of the batch.
  var chunks: Int { (images + Self.imagesPerChunk - 1) / Self.imagesPerChunk }

  /// Calls `body` with each chunk, its images and scratch memory.
  func run(_ body: (_ chunk: Int, _ images: Range<Int>, _ scratch: UnsafeMutablePointer<Float>) -> Void) {
    func runChunk(_ chunk: Int) {
      let memory = scratch.take()
      let first = chunk * Self.imagesPerChunk
      body(chunk, first..<min(first + Self.imagesPerChunk, images), memory.base)
      scratch.giveBack(memory)
    }
    if let pool { pool.run(chunks: chunks, runChunk) } else { for chunk in 0..<chunks { runChunk(chunk) } }
  }

  /// The same, collecting what `body` returns in the order of the chunks.
  func map<Result>(
    _ body: (_ chunk: Int, _ images: Range<Int>, _ scratch: UnsafeMutablePointer<Float>) -> Result
  ) -> [Result] {
    let count = chunks
    return Array(unsafeUninitializedCapacity: count) { results, initialized in
      // Invariant: every chunk initialises its own element.
      nonisolated(unsafe) let elements = results
      run { chunk, images, scratch in
        elements.initializeElement(at: chunk, to: body(chunk, images, scratch))
      }
      initialized = count
    }
  }
}

/// Scratch memory of one size, one for each thread that asks at the same time.
final class ScratchMemory: Sendable {
  private let size: Int
  private let free = Guarded<[AlignedMemory<Float>]>([])

  /// Memories of `size` floats.
  init(size: Int) { self.size = size }

  func take() -> AlignedMemory<Float> {
    free.withLock { $0.popLast() } ?? AlignedMemory(count: size)
  }

  func giveBack(_ memory: AlignedMemory<Float>) {
    free.withLock { $0.append(memory) }
  }
}
