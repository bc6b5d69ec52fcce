import CommandLineKit
import Configuration
import Failures
import Files
import JSON
import TrainingStages
import _TestSupport

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
      "\"extends\":\"good\"", "\"extends\":\"case\"", "\"kind\":\"vit\"", "\"label\":\"ViT\"",
      "\"method\":\"bloch\"", "\"attention\":\"polynomial\"", "\"heads\":4", "\"qubits\":10", "null", "true", "[", "{",
      "}",
      "]", ",", ":", "\"", "\\u0000", "\\ud83d\\ude00", "1e308", "1e-400", "-0", "0.1e1", "\u{0}", "\"epochs\":",
    ].map { Array($0.utf8) })
  /// Settings of each kind in full, and some that extend others.
  private let seeds: [String]

  init(directory: String) throws {
    file = try MemoryFile(in: directory)
    self.directory = directory
    let pipeline = "\(Fixtures.packageRoot)/pipeline/config"
    let complete = try ["qvit", "vit", "distillation", "teacher"].map { name in
      try SettingsFile(path: "\(pipeline)/\(name).json").value.canonicalText
    }
    try writeFile(complete[0], to: "\(directory)/good.json")
    seeds =
      complete + [
        """
        {"extends": "good", "label": "QViT, one of them", "model": {"qubits": 6, "heads": 3, "pooling": "class-token",
         "circuit": {"layout": [[0, 1], [1, 0]], "scope": "per-head"}}, "data": {"normalisation": "imagenet"}}
        """
      ]
  }

  func input(_ choices: inout Choices, number: Int) throws -> [UInt8] {
    var bytes = Array(choices.one(of: seeds).utf8)
    mutation.apply(to: &bytes, &choices)
    return bytes
  }

  func read(_ input: [UInt8]) throws -> Outcome {
    try file.write(input)
    let common = "--data \(directory)/none.h5 --seed 1 --threads 1 --quiet --output \(directory)/out.h5"
    var taken = false
    var refusal: (any Error)?
    for (command, words, run) in [
      (TrainStage.command, "\(common) --config \(file.path)", TrainStage.run),
      (
        DistillStage.command,
        "\(common) --config \(directory)/good.json --teacher \(directory)/none.h5 --distillation \(file.path)",
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
