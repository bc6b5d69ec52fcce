import JSON
import Testing

/// Damaged texts from a seeded generator: each is refused or read as a value whose text reads back the same.
@Suite("Damaged JSON")
struct MutationTests {
  @Test("neither crashes nor hangs", arguments: 1...8)
  func mutations(seed: UInt64) throws {
    let original = Array(
      #"{"model": {"heads": 2, "pairs": [[0,1],[1,2]]}, "rate": 1.5e-3, "x": ["é\ud83d\ude00", null, true]}"#.utf8)
    var generator = SplitMix(state: seed)
    var refused = 0
    for _ in 0..<500 {
      var bytes = original
      for _ in 0...Int.random(in: 0..<4, using: &generator) {
        let position = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[position] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: position)
        case 2: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &generator)], at: position)
        default: bytes.insert(contentsOf: bytes[0..<position], at: position)
        }
      }
      do throws(SettingsError) {
        let value = try JSONValue(parsing: bytes, path: "f.json")
        #expect(try JSONValue(parsing: Array(value.canonicalText.utf8), path: "again") == value)
      } catch {
        refused += 1
        #expect(!error.place.isEmpty)
      }
    }
    #expect(refused > 100)
  }
}

/// Steele, Lea and Flood's generator, for reproducible damage.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
