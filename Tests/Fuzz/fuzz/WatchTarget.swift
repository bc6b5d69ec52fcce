import Failures
import Glibc

/// A reader with the mistakes that a watch has to see, at known cases: what tests `fuzz` itself.
final class WatchTarget: FuzzTarget {
  static let name = "watch"
  static let summary = "none: mistakes at cases 10, 20, 30 and 40, to test the watch"
  static let memoryLimit = 512

  private struct NoFailure: Error {}

  init(directory: String) {}

  func input(_ choices: inout Choices, number: Int) -> [UInt8] { [UInt8(truncatingIfNeeded: number), choices.byte()] }

  func read(_ input: [UInt8]) throws -> Outcome {
    switch input[0] {
    case 10: preconditionFailure("a crash")
    case 20: while input[0] == 20 { sched_yield() }
    case 30: return [UInt8](repeating: 1, count: 1 << 30).count == input.count ? .accepted : .refused
    case 40: throw NoFailure()
    default: break
    }
    return .refused
  }
}
