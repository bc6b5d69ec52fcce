import Reporting
import Artifacts
import Files

extension StaleRules {
  /// What `make status` prints: results by stage, then every reason with what it holds for.
  func status(profile: Profile) -> String {
    let results = results.filter(\.rule.isOfGrid)
    var text = Self.line("profile \(profile.rawValue)", ["wanted", "there", "stale", "missing"])
    for stage in distinct(results.map(\.stage)) {
      let here = results.filter { $0.stage == stage }
      let (stale, missing) = (here.count { $0.condition == .stale }, here.count { $0.condition == .missing })
      text += Self.line(stage, [here.count, here.count - stale - missing, stale, missing].map { "\($0)" })
    }
    for path in distinct(results.flatMap(\.missingInputs)) { text += "missing input: \(path)\n" }
    for (key, group) in grouped(results.filter { $0.condition != .there }) {
      let others = group.count > 1 ? " and \(group.count - 1) more" : ""
      text += "\(key.condition.rawValue): \(group[0].rule.targets[0])\(others): \(key.reason)\n"
    }
    return text
  }

  private static func line(_ name: String, _ columns: [String]) -> String {
    pad(name, to: 16, left: false) + columns.map { " " + pad($0, to: 7, left: true) }.joined() + "\n"
  }

  private struct Key: Hashable {
    var stage: String
    var condition: Result.Condition
    var reason: String
  }

  /// Results of one stage with the same reason, in the order of the first of each.
  private func grouped(_ results: [Result]) -> [(key: Key, results: [Result])] {
    let keys = results.map { Key(stage: $0.stage, condition: $0.condition, reason: $0.reason) }
    let groups = Dictionary(grouping: zip(keys, results), by: \.0)
    return distinct(keys).map { key in (key, groups[key, default: []].map(\.1)) }
  }

  private func distinct<Value: Hashable>(_ values: [Value]) -> [Value] {
    var seen: Set<Value> = []
    return values.filter { seen.insert($0).inserted }
  }
}

extension StaleRules.Result {
  fileprivate enum Condition: String {
    case there, stale, missing
  }

  fileprivate var condition: Condition {
    switch state {
    case .current: .there
    case .stale: .stale
    case .missing, .elsewhere: .missing
    }
  }

  /// The directory below the root that it belongs to: `students`.
  fileprivate var stage: String {
    let directories = ["prepare-data": "data", "finetune-teacher": "teachers", "distill": "distilled"]
    return directories[rule.tool]
      ?? (rule.tool == "train" ? "students" : rule.tool == "evaluate" ? "evaluations" : "tables")
  }

  fileprivate var reason: String {
    switch state {
    case .current: ""
    case .stale(let reason): reason
    case .missing: isBlocked ? "inputs are missing" : "not made yet"
    case .elsewhere(let path, _): "\(path) is the same"
    }
  }
}
