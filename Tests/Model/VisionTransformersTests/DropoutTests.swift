import Architectures
import Testing
import TransformerKernels
import VectorMath
import _TestSupport

@Suite struct DropoutTests {
  /// The streams of three masks, drawn by another implementation of the generator.
  @Test func streamsAreThoseOfTheFixture() throws {
    let file = try NPZ(path: Fixtures.path("students/random_stream.npz"))
    let (seeds, places, words) = (
      try file.integers("seed"), try file.integers("purpose"), try file.integers("words")
    )
    for index in seeds.indices {
      let indices = try file.integers("indices.\(index)")
      let place: DropoutPlace =
        switch places[index] {
        case 0: .tokens
        case 1: .attention(block: indices[2], head: indices[3])
        case 2: .attentionBranch(block: indices[2])
        default: .mlpBranch(block: indices[2])
        }
      let dropout = ImageDropout(seed: UInt64(seeds[index]), epoch: indices[0], image: indices[1])
      var stream = dropout.stream(place)
      #expect((0..<10).map { _ in Int(stream.next()) } == Array(words[index * 10..<index * 10 + 10]))
    }
  }

  /// Every mask of one image of a student, of attention the first rows, in the kernels' layout.
  @Test(arguments: ["vit_dropout_b2", "qvit_dropout_classtoken", "everything"])
  func masksAreThoseOfTheFixture(name: String) throws {
    let path = Fixtures.path("students/\(name).npz")
    let (file, golden) = (try NPZ(path: path), try GoldenStudent(path: path))
    let (rate, tokens, q) = (golden.architecture.dropout, golden.architecture.tokens, golden.architecture.qubits)
    let vectors = (tokens + laneCount - 1) / laneCount
    let dropout = try #require(golden.dropout)[Int(try file.scalar("mask_image"))]
    let scale = Float(1 / (1 - rate))
    let memory = AlignedMemory<Lanes>(count: vectors * max(tokens, q))
    func expectTokens(_ place: DropoutPlace, _ member: String) throws {
      let mask = Planes(memory.base, channels: q, vectors: vectors)
      dropoutMask(dropout, place, rate: rate, tokens: tokens, into: mask)
      let found = (0..<tokens).flatMap { t in (0..<q).map { mask[$0, t] } }
      #expect(found == (try file.bytes(member)).map { $0 == 0 ? 0 : scale }, "\(member)")
      #expect((tokens..<vectors * laneCount).allSatisfy { t in (0..<q).allSatisfy { mask[$0, t] == 0 } })
    }
    try expectTokens(.tokens, "mask.tokens")
    for block in 0..<golden.architecture.blocks {
      try expectTokens(.attentionBranch(block: block), "mask.blocks.\(block).attention_branch")
      try expectTokens(.mlpBranch(block: block), "mask.blocks.\(block).mlp_branch")
      let member = "mask.blocks.\(block).attention"
      let expected = try file.bytes(member)
      let rows = try file.shape(of: member)[1]
      for head in 0..<golden.architecture.heads {
        dropoutMask(
          dropout, block: block, head: head, rate: rate, tokens: tokens, vectors: vectors, into: memory.base)
        let found = (0..<rows * tokens).map {
          memory.base[$0 / tokens / laneCount * tokens + $0 % tokens][$0 / tokens % laneCount]
        }
        let start = head * rows * tokens
        #expect(found == expected[start..<start + rows * tokens].map { $0 == 0 ? 0 : scale })
      }
    }
  }

  /// A share p is dropped, to within five standard deviations, and trainings, epochs, images and places have masks of their
  /// own.
  @Test func masksAreDrawnAtTheRate() {
    func mask(_ dropout: ImageDropout, _ place: DropoutPlace, _ rate: Double) -> [Double] {
      Reference.dropoutMask(dropout, place, rate: rate, count: 10_000)
    }
    let one = ImageDropout(seed: 1, epoch: 0, image: 0)
    for rate in [0.1, 0.5, 0.9] {
      let dropped = mask(one, .tokens, rate).count { $0 == 0 }
      #expect((Double(dropped) - 10_000 * rate).magnitude < 5 * (10_000 * rate * (1 - rate)).squareRoot())
    }
    let masks =
      [
        one, ImageDropout(seed: 2, epoch: 0, image: 0), ImageDropout(seed: 1, epoch: 1, image: 0),
        ImageDropout(seed: 1, epoch: 0, image: 1),
        ImageDropout(seed: 1, purpose: "distillation dropout", epoch: 0, image: 0),
      ].map { mask($0, .tokens, 0.5) }
      + [DropoutPlace.attentionBranch(block: 0), .mlpBranch(block: 0), .attentionBranch(block: 1)].map {
        mask(one, $0, 0.5)
      }
      + [DropoutPlace.attention(block: 0, head: 0), .attention(block: 0, head: 1)].map { mask(one, $0, 0.5) }
    #expect(Set(masks).count == masks.count)
  }

  /// Words in bulk are the words one by one, from any place of the stream.
  @Test(arguments: 0..<6, [0, 1, 3, 4, 9, 197]) func wordsInBulk(drawn: Int, count: Int) {
    var one = RandomStream(seed: 5, purpose: "words")
    var many = one
    for _ in 0..<drawn { _ = (one.next(), many.next()) }
    var words = [UInt32](repeating: 0, count: count)
    words.withUnsafeMutableBufferPointer { many.fill($0) }
    #expect(words == (0..<count).map { _ in one.next() })
    #expect(many.next() == one.next())
  }
}
