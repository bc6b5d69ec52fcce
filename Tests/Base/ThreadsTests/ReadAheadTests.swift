import Testing

@testable import Threads

private struct Trouble: Error, Equatable { var number: Int }

@Suite("Reading ahead") struct ReadAheadTests {
  /// Produces pieces of 1, 2, 3 … bytes, each as many times its size; ends after `pieces`, with an error if there is one.
  private func run(
    pieces: Int, depth: Int = 3, error: Trouble? = nil, _ consume: ([UInt8]) throws -> Void
  ) throws -> Int {
    var calls = 0
    func produce(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
      #expect(buffer.count == 64)
      if calls == pieces {
        if let error { throw error }
        return 0
      }
      calls += 1
      for index in 0..<calls { buffer[index] = UInt8(calls) }
      return calls
    }
    try readAhead(capacity: 64, depth: depth, produce: produce) { try consume(Array($0)) }
    return calls
  }

  @Test("pieces arrive once, in order", arguments: [0, 1, 2, 3, 50], [2, 3, 7])
  func order(pieces: Int, depth: Int) throws {
    var found: [[UInt8]] = []
    #expect(try run(pieces: pieces, depth: depth) { found.append($0) } == pieces)
    #expect(found == (0..<pieces).map { [UInt8](repeating: UInt8($0 + 1), count: $0 + 1) })
  }

  @Test("without a second thread the two take turns", arguments: [0, 1, 5])
  func inTurn(pieces: Int) throws {
    var calls: [String] = []
    try Threads.inTurn(16) { buffer in
      #expect(buffer.count == 16)
      let made = calls.count / 2
      guard made < pieces else { return 0 }
      calls.append("made \(made)")
      buffer[0] = UInt8(made)
      return made + 1
    } _: { piece in
      #expect(piece.count == Int(piece[0]) + 1)
      calls.append("used \(piece[0])")
    }
    #expect(calls == (0..<pieces).flatMap { ["made \($0)", "used \($0)"] })
  }

  @Test("what was produced before an error is consumed before it is thrown", arguments: [0, 1, 10])
  func producerFails(pieces: Int) {
    var count = 0
    #expect(throws: Trouble(number: 7)) { try run(pieces: pieces, error: Trouble(number: 7)) { _ in count += 1 } }
    #expect(count == pieces)
  }

  @Test("an error of the consumer ends the producer, which is at most so many pieces ahead", arguments: [1, 5])
  func consumerFails(stop: Int) {
    var (produced, consumed) = (0, 0)
    #expect(throws: Trouble(number: 1)) {
      try readAhead(
        capacity: 8, depth: 4,
        produce: { _ in
          produced += 1
          return 8
        },
        consume: { _ in
          consumed += 1
          if consumed == stop { throw Trouble(number: 1) }
        })
    }
    #expect(produced <= stop + 4)
  }
}
