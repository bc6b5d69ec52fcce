import Datasets
import Metrics
import Testing
import _ArtifactSamples
import _TestSupport

@testable import Artifacts

/// What stands in the files under its name. A round trip cannot tell: two columns that are exchanged when they are written
/// and when they are read or compared come back as they were.
@Suite struct StoredColumns {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func expectSame(_ found: [Double], _ expected: [Double], _ name: String) {
    #expect(found.count == expected.count, "\(name)")
    #expect(zip(found, expected).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }, "\(name)")
  }

  @Test func ofAnEvaluation() throws {
    let evaluation = try Sample.evaluation()
    let path = directory.file("evaluation.h5")
    try evaluation.write(to: path)
    let reader = try ArtifactReader(path: path, kind: .evaluation)
    for results in evaluation.splits {
      let group = try reader.root.group(results.split.rawValue)
      func column(_ name: String) throws -> [Double] {
        try reader.array(name, of: Double.self, shape: [3], in: group).values
      }
      let scores = Scores(results.scores, classCount: 3)
      let auc = areaUnderROC(scores, labels: results.labels, task: .multiClass)
      let matrix = ConfusionMatrix(labels: results.labels, predictions: results.predictions, classCount: 3)
      expectSame(try column("class_auc"), auc.perClass, "class_auc")
      expectSame(try column("recall"), (0..<3).map(matrix.recall), "recall")
      expectSame(try column("precision"), (0..<3).map(matrix.precision), "precision")
      expectSame(try column("f1"), (0..<3).map(matrix.f1), "f1")
      expectSame([try group.requiredNumber("auc")], [auc.value], "auc")
      let share = accuracy(scores, labels: results.labels, task: .multiClass)
      expectSame([try group.requiredNumber("accuracy")], [share], "accuracy")
      expectSame([try group.requiredNumber("majority_baseline")], [matrix.majority.share], "majority_baseline")
    }
    let epochs = try reader.array("epoch", of: Int32.self, shape: [3], in: reader.root.group("history")).values
    #expect(epochs == [1, 2, 3])
  }

  /// The targets of the two splits are of different images.
  @Test func ofATeacher() throws {
    var teacher = Sample.teacher()
    teacher.targets[.val] = TeacherArtifact.Targets(labels: [1], penultimate: [3, 4], logits: [5, -6])
    let path = directory.file("teacher.h5")
    try teacher.write(to: path)
    #expect(try TeacherArtifact.read(path: path).teacher == teacher)
  }
}
