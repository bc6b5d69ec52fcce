import Testing
import _TestSupport

/// The reader of the other tests' fixtures, on files whose contents are known.
@Suite struct NPZTests {
  private func open(_ name: String) throws -> NPZ { try NPZ(path: Fixtures.path(name)) }

  @Test func readsEveryMemberOfACircuitCase() throws {
    let file = try open("golden/circuits/qnn_q4_chain.npz")
    #expect(try file.shape(of: "theta") == [3, 2])
    #expect(try file.integers("pairs") == [0, 1, 1, 2, 2, 3])
    #expect(try file.doubles("x").count == 64)
    #expect(try file.doubles("output").allSatisfy { (-1...1).contains($0) })
  }

  @Test func readsBytesFloatsAndScalars() throws {
    let file = try open("golden/students/trace_vit_28_q4_h2.npz")
    #expect(try file.shape(of: "image_u8") == [10, 4, 28, 28, 3])
    #expect(try file.bytes("image_u8").count == 10 * 4 * 28 * 28 * 3)
    #expect(try file.scalar("q") == 4)
    let scores = try open("metrics/evaluator.npz")
    #expect(try scores.shape(of: "0.auc") == [])
    #expect(try scores.floats("0.logits").map(Double.init) == scores.doubles("0.logits"))
  }

  @Test func namesTheMembersWhenOneIsMissing() throws {
    let file = try open("golden/circuits/qnn_q2.npz")
    #expect(throws: NPZ.Problem.self) { try file.doubles("no such member") }
  }
}
