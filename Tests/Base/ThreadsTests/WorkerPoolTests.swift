import Threads
import Glibc
import VectorMath
import Synchronization
import Testing

@Suite struct WorkerPoolTests {
  @Test(arguments: [1, 2, 3, 8], [0, 1, 2, 7, 100]) func everyChunkRunsOnce(threads: Int, chunks: Int) {
    let pool = WorkerPool(threads: threads)
    let runs = AlignedMemory<Int>(count: max(chunks, 1))
    let repetitions = 200
    for _ in 0..<repetitions { pool.run(chunks: chunks) { runs.elements[$0] += 1 } }
    for chunk in 0..<chunks { #expect(runs.elements[chunk] == repetitions) }
  }

  @Test(arguments: [1, 2, 3]) func theFirstFailureIsThrown(threads: Int) throws {
    struct Failed: Error, Equatable { var chunk: Int }
    let pool = WorkerPool(threads: threads)
    let runs = Atomic<Int>(0)
    #expect(throws: Failed(chunk: 7)) {
      try pool.run(chunks: 40) { chunk, _ in
        runs.add(1, ordering: .relaxed)
        if chunk % 10 == 7 { throw Failed(chunk: chunk) }
      }
    }
    #expect(runs.load(ordering: .relaxed) == 40)
  }

  @Test func sleepingWorkersWakeUp() {
    let pool = WorkerPool(threads: 2)
    let total = Atomic<Int>(0)
    for _ in 0..<20 {
      usleep(5_000)  // long enough for the worker to fall asleep
      pool.run(chunks: 5) { total.add($0, ordering: .relaxed) }
    }
    #expect(total.load(ordering: .relaxed) == 20 * 10)
  }

  /// The kernel says in hexadecimal which processors a process may use.
  @Test func processorsAreThoseThisProcessMayUse() throws {
    let status = try #require(fopen("/proc/self/status", "r"))
    defer { fclose(status) }
    var line = [CChar](repeating: 0, count: 4096)
    var allowed = 0
    while fgets(&line, Int32(line.count), status) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      guard text.hasPrefix("Cpus_allowed:") else { continue }
      allowed = text.dropFirst(13).compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
    }
    #expect(WorkerPool.processors == allowed)
  }
}
