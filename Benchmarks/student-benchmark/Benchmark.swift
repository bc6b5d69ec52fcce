import Architectures
import CommandLineKit
import Datasets
import JSON
import Measurement
import QuantumCircuits
import Training
import TransformerKernels
import VectorMath

/// What the benchmark can do, and its options.
enum Benchmark {
  enum Task: String, CaseIterable {
    case training
    case inference
    case export
    case parts
    case writeData = "write-data"
    case loadData = "load-data"
    case streaming
    case sizes
  }

  static let command = Command(
    name: "student-benchmark",
    summary: "Measure the students; Benchmarks/run.py and Benchmarks/grid.py are its usual callers.",
    discussion: """
      training: forward, backward and Adam on batches of random images. inference: logits of random images. export: a \
      small batch with parameters, logits and gradients as JSON, by which other implementations are checked. \
      parts: cycles per image of each part of a training step, one thread. write-data: a dataset artifact of the published size with generated images. load-data: time until a dataset \
      artifact's training images are ready. streaming: epochs on images streamed from a dataset artifact and on images in \
      memory. sizes: the published numbers of images. Everything on standard output is \
      JSON, a measurement per line.
      """,
    options: [
      Option("task", .choice(of: Task.allCases.map(\.rawValue)), "What to do.", presence: .required),
      Option("model", .choice(of: BenchmarkCase.models), "Kind of student.", presence: .defaultsTo("qvit")),
      Option("size", .choice(of: ["28", "224"]), "Height and width in pixels.", presence: .defaultsTo("28")),
      Option("qubits", .integer(in: 2...Circuit.largestCount), "Qubits, and channels.", presence: .defaultsTo("4")),
      Option(
        "layout", .choice(of: PairLayout.allCases.map(\.rawValue)), "Pairs of the circuits.",
        presence: .defaultsTo("chain")),
      Option(
        "method", .choice(of: ["auto"] + CircuitMethod.allCases.map(\.rawValue)), "How circuits are evaluated.",
        presence: .defaultsTo("auto")),
      Option(
        "attention", .choice(of: ["auto"] + AttentionMethod.allCases.map(\.rawValue)), "How attention is computed.",
        presence: .defaultsTo("auto")),
      Option(
        "dataset", .choice(of: Catalogue.all.map(\.name)), "For write-data.", placeholder: "NAME",
        presence: .defaultsTo("pathmnist")),
      Option("images", .integer(in: 1...1_000_000), "For write-data: training images, by default as published."),
      Option("data", .path, "For load-data and streaming: a dataset artifact."),
      Option("output", .path, "For export and write-data: the file to write."),
    ] + windowOptions,
    examples: [
      "student-benchmark --task training --model vit --size 224",
      "student-benchmark --task export --model qvit --qubits 8 --output case.json",
    ])

  static func run(_ arguments: ParsedArguments) throws {
    func path(_ name: String) throws -> String {
      guard let value = arguments.optionalString(name) else {
        throw UsageError("--task \(arguments.string("task")) needs --\(name) FILE")
      }
      return value
    }
    switch Task(rawValue: arguments.string("task")) ?? .training {
    case .training:
      let batches = TrainingBatches(try BenchmarkCase(arguments))
      try measure(arguments) { batches.step() }
    case .inference:
      let batches = InferenceBatches(try BenchmarkCase(arguments))
      try measure(arguments) { batches.step() }
    case .export: try exportCase(BenchmarkCase(arguments), to: path("output"))
    case .parts:
      try measureParts(
        BenchmarkCase(arguments), seconds: arguments.number("seconds"), windows: arguments.integer("windows"))
    case .writeData:
      try writeDataset(
        named: arguments.string("dataset"), resolution: Int(arguments.string("size")) ?? 28,
        trainingImages: arguments.optionalInteger("images"), to: path("output"))
    case .loadData: try measureLoading(of: path("data"), threads: arguments.integer("threads"))
    case .streaming:
      try measureStreaming(
        of: path("data"), model: arguments.string("model"), threads: arguments.integer("threads"),
        windows: arguments.integer("windows"))
    case .sizes:
      try printLine(Dictionary(uniqueKeysWithValues: Catalogue.all.map { ($0.name, publishedSize(of: $0)) }))
    }
  }

  /// Images per split; null where no size is published.
  private static func publishedSize(of description: DatasetDescription) -> JSONValue {
    guard let counts = description.officialCounts else { return .null }
    return .object(
      Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, .number(Double($0.value))) }))
  }
}
