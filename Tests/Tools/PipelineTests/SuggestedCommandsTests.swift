import Testing
import _TestSupport

/// Every command that a user is told to give is given here, as it is printed, and does what it was said to do.
@Suite("Commands that are suggested", .timeLimit(.minutes(20)))
struct SuggestedCommandsTests {
  private let workshop: Workshop
  /// Settings that none of the commands may lose.
  private let settings: String

  init() throws {
    workshop = try Workshop()
    try workshop.sh("ln -s '\(toolPath("claims"))' bin/claims")
    try workshop.write(#"{"extends": "vit", "training": {"batch_size": 16}}"#, to: "config/vit.json")
    settings =
      "DATASETS=breastmnist RESOLUTIONS=28 SEEDS=1-2 EPOCHS=7 CONFIG='\(workshop.path)/config' RUN=trial VARIANTS=vit"
  }

  private let root = "artifacts/sample+trial"

  /// What stands behind `make` in the lines that hold a command.
  private func commands(in text: String) -> [String] {
    text.matches(of: /`make ([^`]+)`|'make ([^']+)'/)
      .map { String($0.1 ?? $0.2 ?? "").replacing("TMP", with: workshop.path) }
  }

  /// Gives a command as it is printed; make's variables for where the stubs are come with it.
  private func give(_ command: String) throws {
    for setting in ["SEEDS=1-2", "EPOCHS=7", "CONFIG=", "RUN=trial", "ARTIFACTS="] {
      #expect(command.contains(setting), "\(setting) is lost: \(command)")
    }
    let result = try workshop.make(command)
    #expect(result.status == 0, "make \(command): \(result.text)")
  }

  @Test("of a table with missing entries")
  func table() throws {
    try #require(workshop.make("table1 \(settings)").status == 0)
    let line = try #require(workshop.sh("grep '^report --table' log").text.split(separator: "\n").last)
    let tables = line.split(separator: " ")
    let prefix = String(tables[tables.count - 1])
    let evaluation = "\(root)/evaluations/vit-scratch/breastmnist-28-s2.h5"
    try workshop.sh("rm \(evaluation)")
    try workshop.sh("bin/\(line)")
    let text = try workshop.sh("cat '\(prefix).md'").text
    let found = commands(in: text)
    #expect(found.count == 1, "\(text)")
    for command in found { try give(command) }
    #expect(try workshop.sh("ls \(evaluation)").status == 0)
    #expect(try workshop.make("table1 \(settings)").status == 0)
    #expect(try !workshop.sh("cat '\(prefix).md'").text.contains("Missing"))
    #expect(try workshop.make("-q table1 \(settings)").status == 0)
  }

  @Test("of claims without results")
  func claims() throws {
    try #require(workshop.make("claims \(settings)").status == 0)
    let text = try workshop.sh("cat \(root)/tables/claims.md").text
    let found = Set(commands(in: text))
    #expect(found.contains { $0.hasSuffix("table1") } && found.contains { $0.hasSuffix("table2") }, "\(found)")
    for command in found {
      // A claim is about all datasets, whose stubs would take minutes; what the command carries is seen on two.
      #expect(!command.contains("DATASETS"))
      try give("\(command) DATASETS=\"breastmnist retinamnist\"")
    }
  }

  @Test("of descriptions of datasets, and of inputs that are not there")
  func inputs() throws {
    try #require(workshop.make("datasets \(settings)").status == 0)
    let line = try #require(workshop.sh("grep '^report --datasets' log").text.split(separator: "\n").last)
    let prefix = try #require(line.split(separator: " ").last)
    try workshop.sh("rm \(root)/data/breastmnist-28.h5")
    // The log has lost the quotes that the shell took off.
    try workshop.sh(
      "bin/report --datasets breastmnist --resolutions 28 --root '\(workshop.path)/\(root)' --profile sample "
        + "--make 'make \(settings.replacing("'", with: "\""))  ARTIFACTS=\(workshop.path)/artifacts' --output '\(prefix)'"
    )
    let found = commands(in: try workshop.sh("cat '\(prefix).md'").text)
    #expect(!found.isEmpty)
    for command in Set(found) { try give(command) }
    #expect(try workshop.sh("ls \(root)/data/breastmnist-28.h5").status == 0)
    // `make data` would go to the network; what it would fetch is what was missed.
    let missing = try workshop.make("table1 PROFILE=paper \(settings.replacing("breastmnist", with: "bloodmnist"))")
    let data = try #require(commands(in: missing.text).first { $0.hasPrefix("data ") }, "\(missing.text)")
    #expect(data.contains("RUN=trial") && data.contains("SEEDS=1-2"), "\(data)")
    let plan = try workshop.make("-n \(data)")
    #expect(plan.text.contains("bloodmnist.npz"), "\(plan.text)")
  }
}
