/// A tool as its command line shows it.
public struct Command: Sendable {
  /// The name of the executable.
  public var name: String
  /// One sentence: what it makes of what.
  public var summary: String
  /// What else a user should know, in paragraphs separated by empty lines; may be empty.
  public var discussion: String
  /// The options, in the order of the help. `--help` and `--version` are added to every tool.
  public var options: [Option]
  /// Whole command lines that work, each of one or more lines.
  public var examples: [String]

  /// Declares a tool.
  /// - Precondition: option names are distinct, and neither `help` nor `version`.
  public init(name: String, summary: String, discussion: String = "", options: [Option], examples: [String] = []) {
    let names = options.map(\.name) + ["help", "version"]
    precondition(Set(names).count == names.count, "\(name): an option is declared twice")
    self.name = name
    self.summary = summary
    self.discussion = discussion
    self.options = options
    self.examples = examples
  }
}
