import Testing
import _TestSupport

/// The reader of the other tests' fixtures, on files of the golden set whose contents are known.
@Suite(.enabled(if: Fixtures.golden("README.md") != nil, "the golden set is absent"))
struct NPZTests {
  private func open(_ name: String) throws -> NPZ { try NPZ(path: #require(Fixtures.golden(name))) }

  @Test func readsEveryMemberOfACircuitCase() throws {
    let file = try open("circuits/qnn_q4_chain.npz")
    #expect(try file.shape(of: "theta") == [3, 2])
    #expect(try file.integers("pairs") == [0, 1, 1, 2, 2, 3])
    #expect(try file.doubles("x").count == 64)
    #expect(try file.doubles("output").allSatisfy { (-1...1).contains($0) })
  }

  @Test func readsBytesFloatsAndScalars() throws {
    let file = try open("tinyvit/io.npz")
    #expect(try file.shape(of: "image_u8") == [2, 224, 224, 3])
    #expect(try file.bytes("image_u8").count == 2 * 224 * 224 * 3)
    #expect(try file.shape(of: "eval.loss") == [])
    #expect(try file.scalar("eval.loss").isFinite)
    #expect(try open("tinyvit/state_f32.npz").floats("patch_embed.conv1.bn.weight").count == 32)
  }

  @Test func namesTheMembersWhenOneIsMissing() throws {
    let file = try open("circuits/qnn_q2.npz")
    #expect(throws: NPZ.Problem.self) { try file.doubles("no such member") }
  }
}
