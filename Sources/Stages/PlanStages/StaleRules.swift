import Files

/// What of a plan has to be done, and why.
struct StaleRules {
  /// A result with its state.
  struct Result {
    var rule: Rule
    var state: Freshness.State
    /// Files from outside that are not there, without which it cannot be made.
    var missingInputs: [String] = []
    /// Whether it, or something it is made from, cannot be made for want of an input.
    var isBlocked = false
  }

  /// The results in the order of the stages.
  private(set) var results: [Result] = []

  /// - Throws: `FileError`.
  init(_ plan: Plan, run: RunDirectories) throws {
    var freshness = Freshness(plan.expectations, run: run)
    var blocked: Set<String> = []
    for rule in plan.sortedRules {
      let state =
        try rule.table.map { try freshness.state(of: $0) } ?? freshness.state(of: rule.targets[0])
      var result = Result(rule: rule, state: state)
      if state.isToBeMade {
        result.missingInputs = (rule.expectation?.outside ?? []).filter { !fileExists($0) }
        result.isBlocked = !result.missingInputs.isEmpty || rule.prerequisites.contains(where: blocked.contains)
        if result.isBlocked { blocked.insert(rule.targets[0]) }
      }
      results.append(result)
    }
  }

  /// The results that goals of make need, tables, `datasets` or files, in the order of the stages.
  func needed(for goals: [String]) -> [Result] {
    var byTarget: [String: Int] = [:]
    for (index, result) in results.enumerated() { for target in result.rule.targets { byTarget[target] = index } }
    var waiting = results.filter { result in
      result.rule.goal.map(goals.contains) == true || result.rule.targets.contains(where: goals.contains)
    }.map { $0.rule.targets[0] }
    var seen: Set<Int> = []
    while let target = waiting.popLast() {
      guard let index = byTarget[target], seen.insert(index).inserted else { continue }
      waiting += results[index].rule.prerequisites
    }
    return seen.sorted().map { results[$0] }
  }

  /// The end of the makefile.
  func makefile(_ plan: Plan) -> String {
    var text = """

      # What is there and has to be made again, and why. It follows content: what the artifacts say they were made with and from
      # is compared with the settings in effect and with the inputs there are. What is not there is made anyway.

      """
    for result in results {
      let targets = plan.list(result.rule.targets)
      switch result.state {
      case .current: continue
      case .missing: break
      case .stale(let reason):
        text += "\n# \(reason.split(whereSeparator: \.isNewline).joined(separator: " "))\n\(targets): FORCE\n"
      case .elsewhere(let path, _):
        text += "\n# the default run has made the same\n\(targets): FORCE\n\(targets): private LINK := \(path)\n"
      }
    }
    return text
  }
}

extension Freshness.State {
  /// Whether a stage has to run.
  var isToBeMade: Bool {
    switch self {
    case .missing, .stale: true
    case .current, .elsewhere: false
    }
  }
}
