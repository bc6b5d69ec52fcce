/// A duration for people who plan: "3.1 days", "5.2 h", "12 min", "8 s".
public func durationText(_ seconds: Double) -> String {
  func tenths(_ value: Double) -> String {
    let rounded = Int((value * 10).rounded())
    return "\(rounded / 10).\(rounded % 10)"
  }
  return switch min(seconds, 1e12) {
  case let s where s >= 2 * 86_400: "\(tenths(s / 86_400)) days"
  case let s where s >= 5_400: "\(tenths(s / 3_600)) h"
  case let s where s >= 90: "\(Int((s / 60).rounded())) min"
  case let s where s >= 10: "\(Int(s.rounded())) s"
  case let s: "\(tenths(s)) s"
  }
}

/// What takes less time than the teachers as they are asked for, in make's words.
public let shorterWays = "TEACHER=timm on a GPU, TEACHER_EPOCHS=10 or training.patience of teacher.json"
