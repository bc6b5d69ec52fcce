import CommandLineKit

/// A command with an option of each kind.
let sample = Command(
  name: "sample", summary: "Makes a FILE from nothing.",
  discussion:
    "The first paragraph is long enough that it has to be wrapped at the width of a\nterminal line.\n\nSecond.",
  options: [
    Option("output", .path, "Where the result goes.", presence: .required),
    Option("model", .choice(of: ["vit", "qvit"]), "The model.", presence: .required),
    Option("seed", .integer(in: 0...Int.max), "The seed.", placeholder: "SEED", presence: .defaultsTo("1")),
    Option("threads", .integer(in: 1...1024), "How many threads work; the result does not depend on it."),
    Option("rate", .number(in: 0...1), "The learning rate.", presence: .defaultsTo("0.5")),
    Option("csv", .path, "Writes scores there.", placeholder: "DIRECTORY", isRepeatable: true),
    Option("seeds", .list(of: .integer(in: 0...9)), "Seeds."),
    Option("name", .string, "A name."),
    Option("quiet", .flag, "No progress."),
  ],
  examples: ["sample --output x --model vit", "sample --output x --model qvit \\\n    --seeds \"1 2 3\""])
