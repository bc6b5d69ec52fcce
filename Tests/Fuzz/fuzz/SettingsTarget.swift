import CommandLineKit
import Failures
import Files
import TrainingStages

/// Settings files, each read by the stage it is for; the stage then lacks its data, which shows that it took the settings.
final class SettingsTarget: FuzzTarget {
  static let name = "settings"
  static let summary = "configuration files: JSON, keys, values"

  private let file: MemoryFile
  private let directory: String
  private let mutation = Mutation(
    tokens: [
      "\"model\":", "\"training\":", "\"circuit\":{\"layout\":[[0,1],[1,0]]}", "\"layout\":\"hur\"",
      "\"scope\":\"per-head\"",
      "\"method\":\"bloch\"", "\"attention\":\"polynomial\"", "\"heads\":4", "\"qubits\":10", "null", "true", "[", "{",
      "}",
      "]", ",", ":", "\"", "\\u0000", "\\ud83d\\ude00", "1e308", "1e-400", "-0", "0.1e1", "\u{0}", "\"epochs\":",
    ].map { Array($0.utf8) })
  private static let seeds = [
    """
    {"model": {"qubits": 4, "heads": 2, "blocks": 1, "mlp_ratio": 2, "pooling": "class-token", "attention": "auto",
     "circuit": {"layout": "chain", "sharing": "per-pair", "scope": "all-heads", "method": "auto"}},
     "data": {"normalisation": "imagenet"}, "training": {"epochs": 3, "batch_size": 8, "learning_rate": 0.005,
     "milestones": [0.5, 0.75], "decay": 0.1, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "selection": "last-epoch"}}
    """,
    #"{"model": {"qubits": 6, "heads": 3, "circuit": {"layout": [[0, 1], [1, 0]], "scope": "per-head"}}}"#,
    #"{"target": "logits", "training": {"epochs": 3, "selection": "last-epoch"}}"#,
    """
    {"model": {"qubits": 8}, "data": {"normalisation": "half"}, "training": {"epochs": 2, "batch_norm": "frozen"},
     "weights": {"start": "random"}}
    """,
  ]

  init(directory: String) throws {
    file = try MemoryFile(in: directory)
    try writeFile("{}", to: "\(directory)/good.json")
    self.directory = directory
  }

  func input(_ choices: inout Choices, number: Int) throws -> [UInt8] {
    var bytes = Array(choices.one(of: Self.seeds).utf8)
    mutation.apply(to: &bytes, &choices)
    return bytes
  }

  func read(_ input: [UInt8]) throws -> Outcome {
    try file.write(input)
    let common = "--data \(directory)/none.h5 --seed 1 --threads 1 --quiet --output \(directory)/out.h5"
    var taken = false
    var refusal: (any Error)?
    for (command, words, run) in [
      (TrainStage.command, "\(common) --model vit --config \(file.path)", TrainStage.run),
      (TrainStage.command, "\(common) --model qvit --config \(file.path)", TrainStage.run),
      (
        DistillStage.command,
        "\(common) --model vit --config \(directory)/good.json --teacher \(directory)/none.h5 --distillation \(file.path)",
        DistillStage.run
      ),
      (FinetuneTeacherStage.command, "\(common) --config \(file.path)", FinetuneTeacherStage.run),
    ] as [(Command, String, (ParsedArguments) throws -> Void)] {
      guard case .run(let parsed) = try command.parse(words.split(separator: " ").map(String.init)) else { continue }
      do {
        try run(parsed)
        throw Finding("\(command.name) ran without data")
      } catch let failure as FileError where failure.kind == .missingInput {
        taken = true
      } catch let finding as Finding { throw finding } catch { refusal = error }
    }
    if taken { return .accepted }
    throw refusal ?? Finding("neither read nor refused")
  }
}
