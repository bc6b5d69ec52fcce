import Architectures
import CommandLineKit
import Measurement
import Training

/// What the benchmark can do, and its options.
enum Benchmark {
  enum Task: String, CaseIterable {
    case training
    case inference
    case products
    case shapes
    case export
  }

  static let command = Command(
    name: "teacher-benchmark",
    summary: "Measure TinyViT-5M; Benchmarks/teacher.py is its usual caller.",
    discussion: """
      training: forward, backward and Adam on batches of random images. inference: logits and penultimate vectors of \
      random images. products: the network's matrix products, one thread, GFLOP/s of each. shapes: the products' sizes. \
      export: weights, a small batch, its logits in training and in inference and its gradients as safetensors files in a directory, by which other \
      implementations are checked. Everything on standard output is JSON, a measurement per line.
      """,
    options: [
      Option("task", .choice(of: Task.allCases.map(\.rawValue)), "What to do.", presence: .required),
      Option("batch", .integer(in: 1...1024), "Images of a batch.", presence: .defaultsTo("32")),
      Option(
        "precision", .choice(of: MatrixPrecision.allCases.map(\.rawValue)),
        "Of the operands of products, in training and inference.", presence: .defaultsTo("float32")),
      Option("output", .path, "For export: an existing directory."),
    ] + windowOptions,
    examples: ["teacher-benchmark --task training --threads 2 --seconds 10 --windows 3"])

  static func run(_ arguments: ParsedArguments) throws {
    let precision = MatrixPrecision(rawValue: arguments.string("precision")) ?? .float32
    switch Task(rawValue: arguments.string("task")) ?? .training {
    case .training:
      let steps = try TrainingSteps(
        batch: arguments.integer("batch"), threads: arguments.integer("threads"), precision: precision)
      try measure(arguments) { try steps.step() }
    case .inference:
      let batches = InferenceBatches(
        batch: arguments.integer("batch"), threads: arguments.integer("threads"), precision: precision)
      try measure(arguments) { batches.step() }
    case .products:
      let products = MatrixProducts()
      try serve { try products.measure(seconds: arguments.number("seconds")) }
    case .shapes: try printLine(["products": MatrixProducts().description])
    case .export:
      guard let directory = arguments.optionalString("output") else {
        throw UsageError("--task export needs --output DIRECTORY")
      }
      try exportCase(to: directory)
    }
  }
}
