import Claims
import Failures

/// A recorded verdict that no longer follows from the results.
struct ChangedVerdict: Failure, Equatable {
  let path: String
  let identifier: String
  let recorded: Verdict
  let found: Verdict
  /// How many other claims have another verdict, too.
  let others: Int

  /// Bad data, 65.
  var kind: FailureKind { .badData }

  var description: String {
    "\(path): claim '\(identifier)' is recorded as \(recorded.rawValue), but the evaluations there are give "
      + "\(found.rawValue)" + (others > 0 ? " (and \(others) more have changed)" : "")
      + "; --update (make claims UPDATE=1) takes the new verdicts"
  }
}
