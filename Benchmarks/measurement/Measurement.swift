public import CommandLineKit
public import JSON
import Glibc

/// The options of every benchmark that measures windows.
public let windowOptions = [
  Option("threads", .integer(in: 1...1024), "Threads.", presence: .defaultsTo("1")),
  Option("seconds", .number(in: 0.001...3600), "Length of a window.", presence: .defaultsTo("0.5")),
  Option("windows", .integer(in: 1...10_000), "Windows to measure.", presence: .defaultsTo("5")),
  Option("serve", .flag, "Measure one window for every line read from standard input."),
]

/// Measures `step`, which returns how many images it took, in windows: as many as asked for, or one per line of standard
/// input. One thread is measured by the processor's time, several by the time that passes.
public func measure(_ arguments: ParsedArguments, _ step: () throws -> Int) throws {
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
  try serve { ["images_per_second": .number(try rate(of: step, seconds: seconds, clock: clock))] }
}

/// Says that it is ready, then prints what `window` measures for every line of standard input.
public func serve(_ window: () throws -> [String: JSONValue]) throws {
  try printLine(["ready": .bool(true)])
  while readLine() != nil { try printLine(try window()) }
}

/// Images (or whatever `step` counts) per second of whole steps that take at least `seconds`.
public func rate(of step: () throws -> Int, seconds: Double, clock: Clock = .processor) throws -> Double {
  let start = clock.now
  var images = 0
  while true {
    images += try step()
    let elapsed = clock.now - start
    if elapsed >= seconds { return Double(images) / elapsed }
    try Interruption.check()
  }
}

/// By what a window is measured.
public enum Clock: Sendable {
  /// This process's processor time, which other programs on the machine do not add to: for one thread.
  case processor
  /// The time that passes: for several threads.
  case wall

  /// Seconds since some moment.
  public var now: Double {
    var time = timespec()
    clock_gettime(self == .processor ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// One line of JSON on standard output.
public func printLine(_ members: [String: JSONValue]) throws {
  try writeToStandardOutput(JSONValue.object(members).canonicalText + "\n")
}

extension JSONValue {
  /// Median, smallest and largest of repeated measurements.
  public static func spread(of values: [Double]) -> JSONValue {
    let sorted = values.sorted()
    let middle = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    return .object([
      "median": .number(middle), "lowest": .number(sorted[0]), "highest": .number(sorted[sorted.count - 1]),
    ])
  }
}
