/// The seeds of the teachers of each dataset and width, and which student learns from which: the students' seeds go round the
/// teachers, so that each teacher has as many students as the others, or one more.
public struct TeacherSeeds: Sendable, Equatable {
  /// The seeds, in the order given.
  public let seeds: [UInt64]

  /// What a list of seeds that is refused should have been.
  public static let requirement = "expected at least one seed, each once"

  /// Seeds, at least one, each once; nil for other lists.
  public init?(_ seeds: [UInt64]) {
    guard !seeds.isEmpty && Set(seeds).count == seeds.count else { return nil }
    self.seeds = seeds
  }

  /// One teacher.
  public init(_ seed: UInt64) { seeds = [seed] }

  /// The seed of a student's teacher: the student with seed 1 has the first, and so on round and round. It does not depend
  /// on which other students there are.
  public func teacher(ofStudent seed: UInt64) -> UInt64 {
    let count = UInt64(seeds.count)
    return seeds[Int((seed % count + count - 1) % count)]
  }
}
