import CommandLineKit
import Failures
import Files
import Glibc
import PlanStages
import ReportStages
import _TestSupport

/// Declarations of tables and planned tables, each read by the stage it is for.
final class TablesTarget: FuzzTarget {
  static let name = "tables"
  static let summary = "declarations of tables and what plan makes of them"

  private let file: MemoryFile
  private let directory: String
  private let planned: String
  private let mutation = Mutation(
    tokens: [
      "\"variant\":", "\"regime\":\"kd\"", "\"regime\":\"teacher\"", "\"regime\":\"external\"", "\"width\":8",
      "\"resolution\":[28,224]", "\"datasets\":[\"oasis\"]", "\"paper\":2", "\"label\":\"é\"", "null", "true", "[", "{",
      "}", "]", ",", ":", "\"", "\\u0000", "$(shell id)", "../", "1e308", "-0", "\u{0}", "4096",
      "\"seeds\":{\"breastmnist\":[0.5]}", "\"group\":\"others\"",
    ].map { Array($0.utf8) })
  private static let seeds = [
    """
    {"title": "Table 1", "caption": "Students", "paper": 1, "datasets": ["breastmnist", "oasis"],
     "rows": [{"variant": ["vit", "qvit"], "regime": "scratch", "resolution": [28, 224]}]}
    """,
    """
    {"caption": "Others", "rows": [{"variant": "qvit", "regime": "kd", "resolution": 28}, {"regime": "teacher"},
     {"regime": "teacher", "width": 6},
     {"variant": "resnet18", "regime": "external", "label": "ResNet-18", "resolution": 224}]}
    """,
  ]

  init(directory: String) throws {
    file = try MemoryFile(in: directory)
    self.directory = directory
    let nowhere = open("/dev/null", O_WRONLY)
    dup2(nowhere, STDOUT_FILENO)
    let table = "\(directory)/good.json"
    try writeFile(Self.seeds[1], to: table)
    try Self.run(PlanStage.command, Self.words(table, directory), PlanStage.run)
    planned = String(
      decoding: try contents(ofFile: "\(directory)/root/settings/tables/good.json", limit: 1 << 20), as: UTF8.self)
  }

  private static func words(_ table: String, _ directory: String) -> String {
    "--profile sample --root \(directory)/root --config \(Fixtures.packageRoot)/pipeline/config --tables \(table) "
      + "--datasets breastmnist --resolutions 28 --seeds 1 --teacher-seeds 1 --teacher-resolution 224 --make make "
      + "--output \(directory)/root/plan.mk"
  }

  private static func run(
    _ command: Command, _ words: String, _ body: (ParsedArguments) throws -> Void
  ) throws {
    guard case .run(let parsed) = try command.parse(words.split(separator: " ").map(String.init)) else { return }
    try body(parsed)
  }

  func input(_ choices: inout Choices, number: Int) throws -> [UInt8] {
    var bytes = Array(choices.one(of: Self.seeds + [planned]).utf8)
    mutation.apply(to: &bytes, &choices)
    return bytes
  }

  func read(_ input: [UInt8]) throws -> Outcome {
    try file.write(input)
    var refusal: (any Error)?
    do {
      try Self.run(PlanStage.command, Self.words(file.path, directory), PlanStage.run)
      let plan = try contents(ofFile: "\(directory)/root/plan.mk", limit: 16 << 20)
      // What a file says must not become a function or a command of make.
      guard String(decoding: plan, as: UTF8.self).firstMatch(of: /shell|\.\.\//) == nil else {
        throw Finding("a plan that leads elsewhere")
      }
      return .accepted
    } catch let finding as Finding { throw finding } catch { refusal = error }
    do {
      try Self.run(ReportStage.command, "--table \(file.path) --output \(directory)/t", ReportStage.run)
      return .accepted
    } catch { if refusal == nil { refusal = error } }
    throw refusal ?? Finding("neither read nor refused")
  }
}
