import _TestSupport

/// What every stage can begin with, made once for all tests that only read it.
enum StageInputs {
  /// A directory with datasets (`d.h5` of drawn images, `b.h5` of a few from a file), a teacher `t.h5`, a student `s.h5`,
  /// an evaluation in its place with table 1 planned for it, and settings of the pipeline's names, of a teacher that begins
  /// with random weights `t.json` and of a distillation `di.json`.
  private static let bench = Result {
    let bench = try Bench()
    try bench.writeSettings()
    try bench.copy("tools/breast.npz")
    try bench.writeSettings(
      "t", extending: "teacher", #""weights": {"start": "random"}, "training": {"batch_size": 6}"#)
    try bench.writeSettings("di", extending: "distillation", #""training": {"epochs": 100}"#)
    try bench.directory.makeDirectories("evaluations/vit-scratch")
    for (tool, words) in [
      (Tool.prepareData, "--dataset breastmnist --resolution 28 --source sample --profile paper --output d.h5"),
      (
        .prepareData,
        "--dataset breastmnist --resolution 28 --source npz --input breast.npz --allow-unofficial --profile paper "
          + "--output b.h5"
      ),
      (.finetuneTeacher, "--data b.h5 --config t.json --seed 1 --epochs 0 --output t.h5"),
      (.train, "--data d.h5 --config vit.json --seed 1 --output s.h5"),
      (.evaluate, "--data d.h5 --model s.h5 --output evaluations/vit-scratch/breastmnist-28-s1.h5"),
    ] { try bench.complete(tool, words + " --quiet") }
    try bench.plan(root: bench.directory.path)
    return bench
  }

  /// A file of that directory.
  static func bytes(_ name: String) throws -> [UInt8] { try bench.get().directory.bytes(name) }

  /// The words of a command with that directory in the place of `IN`.
  static func inserted(in words: String) throws -> String {
    words.replacing("IN", with: try bench.get().directory.path)
  }
}
