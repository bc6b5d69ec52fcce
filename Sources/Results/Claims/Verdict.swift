/// What becomes of a claim.
public enum Verdict: String, CaseIterable, Sendable {
  /// Our runs show it, by as much as matters.
  case confirmed
  /// Our runs exclude it.
  case contradicted
  /// Our runs leave it open.
  case undecided
  /// The paper's own tables say otherwise than its text.
  case inconsistent
  /// Results that it needs are not there.
  case missing
}
