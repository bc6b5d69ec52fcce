import Artifacts
import Datasets
import Glibc
import Metrics
import Testing
import _TestSupport

/// The sample profile has to show what distillation is: its teacher must know more than the students.
@Suite("The teacher of the sample profile", .serialized, .timeLimit(.minutes(20)))
struct SampleProfileTests {
  /// How much better than the mean student, in AUC on the validation split, is clearly better.
  private static let clearly = 0.03

  private static func validationAUC(_ path: String) throws -> Double {
    try #require(EvaluationArtifact.read(path: path).evaluation[.val])[.auc]
  }

  /// The teacher's AUC on the validation split, and the mean of the students' that were trained on labels alone.
  private static func compare(root: String, _ dataset: String) throws -> (teacher: Double, students: Double) {
    let evaluations = "\(root)/evaluations"
    var students: [Double] = []
    for variant in ["vit", "qvit"] {
      for resolution in [28, 224] {
        for seed in 1...5 {
          let path = "\(evaluations)/\(variant)-scratch/\(dataset)-\(resolution)-s\(seed).h5"
          if access(path, F_OK) == 0 { students.append(try validationAUC(path)) }
        }
      }
    }
    try #require(!students.isEmpty)
    return (
      try validationAUC("\(evaluations)/tinyvit-q4-teacher/\(dataset)-224-s1.h5"),
      students.reduce(0, +) / Double(students.count)
    )
  }

  /// One dataset with few students, as `make table1 table2` makes them.
  @Test("It is clearly better than students trained on labels", arguments: ["bloodmnist"])
  func oneDataset(name: String) throws {
    let bench = try Bench()
    let made = try startMake([
      "table1", "table2", "DATASETS=\(name)", "RESOLUTIONS=28", "SEEDS=1", "ARTIFACTS=\(bench.directory.path)",
      "JOBS=2",
    ]).wait()
    #expect(made.status == 0, "\(made)")
    let (teacher, students) = try Self.compare(root: bench.directory.file("sample"), name)
    #expect(teacher > students + Self.clearly, "\(teacher), students \(students)")
  }

  /// All of a finished run, which `.ci/run` with the whole sample run names.
  @Test(
    "It is clearly better on at least six of eight datasets",
    .enabled(if: getenv("QVIT_SAMPLE_RUN") != nil, "QVIT_SAMPLE_RUN names no finished artifacts/sample"))
  func allDatasets() throws {
    let root = try #require(getenv("QVIT_SAMPLE_RUN").map { String(cString: $0) })
    var better: [String] = []
    for description in Catalogue.all {
      let (teacher, students) = try Self.compare(root: root, description.name)
      if teacher > students + Self.clearly { better.append(description.name) }
    }
    #expect(better.count >= 6, "\(better)")
  }
}
