import CommandLineKit
import Datasets
import Glibc
import Numerics
import QuantumCircuits
import Settings
import StudentKernels

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
      Option("qubits", .integer(in: 2...10), "Qubits, and channels.", presence: .defaultsTo("4")),
      Option(
        "layout", .choice(of: PairLayout.allCases.map(\.rawValue)), "Pairs of the circuits.",
        presence: .defaultsTo("chain")),
      Option(
        "method", .choice(of: ["auto"] + CircuitMethod.allCases.map(\.rawValue)), "How circuits are evaluated.",
        presence: .defaultsTo("auto")),
      Option(
        "attention", .choice(of: ["auto"] + AttentionMethod.allCases.map(\.rawValue)), "How attention is computed.",
        presence: .defaultsTo("auto")),
      Option("threads", .integer(in: 1...1024), "Threads.", presence: .defaultsTo("1")),
      Option("seconds", .number(in: 0.001...3600), "Length of a window.", presence: .defaultsTo("0.5")),
      Option("windows", .integer(in: 1...10_000), "Windows to measure.", presence: .defaultsTo("5")),
      Option("serve", .flag, "Measure one window for every line read from standard input."),
      Option(
        "dataset", .choice(of: Catalogue.all.map(\.name)), "For write-data.", placeholder: "NAME",
        presence: .defaultsTo("pathmnist")),
      Option("images", .integer(in: 1...1_000_000), "For write-data: training images, by default as published."),
      Option("data", .path, "For load-data and streaming: a dataset artifact."),
      Option("output", .path, "For export and write-data: the file to write."),
    ],
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

  /// Measures `step`, which returns how many images it took, in windows: as many as asked for, or one per line of standard
  /// input.
  private static func measure(_ arguments: ParsedArguments, _ step: () -> Int) throws {
    let seconds = arguments.number("seconds")
    let clock = arguments.integer("threads") == 1 ? Clock.processor : .wall
    // Caches, page tables, clock.
    _ = try rate(of: step, seconds: seconds / 4, clock: clock)
    guard arguments.flag("serve") else {
      var rates: [Double] = []
      for _ in 0..<arguments.integer("windows") { rates.append(try rate(of: step, seconds: seconds, clock: clock)) }
      try printLine(["images_per_second": .spread(of: rates)])
      return
    }
    try printLine(["ready": .bool(true)])
    while readLine() != nil {
      try printLine(["images_per_second": .number(try rate(of: step, seconds: seconds, clock: clock))])
    }
  }

  /// Images per second of whole steps that take at least `seconds`.
  static func rate(of step: () -> Int, seconds: Double, clock: Clock = .processor) throws -> Double {
    let start = clock.now
    var images = 0
    while true {
      images += step()
      let elapsed = clock.now - start
      if elapsed >= seconds { return Double(images) / elapsed }
      try Interruption.check()
    }
  }

  /// By what a window is measured.
  enum Clock {
    /// This process's processor time, which other programs on the machine do not add to: for one thread.
    case processor
    /// The time that passes: for several threads.
    case wall

    /// Seconds since some moment.
    var now: Double {
      var time = timespec()
      clock_gettime(self == .processor ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
  }

  /// Images per split; null where no size is published.
  private static func publishedSize(of description: DatasetDescription) -> JSONValue {
    guard let counts = description.officialCounts else { return .null }
    return .object(
      Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, .number(Double($0.value))) }))
  }

  /// One line of JSON on standard output.
  static func printLine(_ members: [String: JSONValue]) throws {
    try writeToStandardOutput(JSONValue.object(members).canonicalText + "\n")
  }
}

extension JSONValue {
  /// Median, smallest and largest of repeated measurements.
  static func spread(of values: [Double]) -> JSONValue {
    let sorted = values.sorted()
    let middle = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    return .object([
      "median": .number(middle), "lowest": .number(sorted[0]), "highest": .number(sorted[sorted.count - 1]),
    ])
  }
}
