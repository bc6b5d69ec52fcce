import _TestSupport

/// What every stage can begin with, made once for all tests that only read it.
enum StageInputs {
  /// A directory with datasets (`d.h5` of drawn images, `b.h5` of a few from a file), a teacher `t.h5`, a student `s.h5`,
  /// an evaluation in its place, and settings of student, teacher and distillation `c.json`, `t.json`, `di.json`.
  private static let bench = Result {
    let bench = try Bench()
    try bench.writeSettings()
    try bench.copy("tools/breast.npz")
    try bench.directory.write(#"{"weights": {"start": "random"}, "training": {"batch_size": 6}}"#, to: "t.json")
    try bench.directory.write(#"{"training": {"epochs": 100}}"#, to: "di.json")
    try bench.directory.makeDirectories("evaluations/vit-scratch")
    for (tool, words) in [
      (Tool.prepareData, "--dataset breastmnist --resolution 28 --source sample --profile p --output d.h5"),
      (
        .prepareData,
        "--dataset breastmnist --resolution 28 --source npz --input breast.npz --allow-unofficial --profile p "
          + "--output b.h5"
      ),
      (.finetuneTeacher, "--data b.h5 --config t.json --seed 1 --epochs 0 --output t.h5"),
      (.train, "--data d.h5 --model vit --config c.json --seed 1 --output s.h5"),
      (.evaluate, "--data d.h5 --model s.h5 --output evaluations/vit-scratch/breastmnist-28-s1.h5"),
    ] { try bench.complete(tool, words + " --quiet") }
    return bench
  }

  /// The words of a command with that directory in the place of `IN`.
  static func inserted(in words: String) throws -> String {
    words.replacing("IN", with: try bench.get().directory.path)
  }
}
