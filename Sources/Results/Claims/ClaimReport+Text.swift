import Artifacts
import Reporting

extension ClaimReport {
  /// The report for a terminal of 80 columns.
  /// - Parameter styled: whether verdicts are bold by escape sequences.
  public func terminal(styled: Bool) -> String {
    var text = wrapped("\(title), profile \(profile.rawValue): \(summary)", to: 80) + "\n"
    if isSample { text += "*** \(Self.sampleWarning) ***\n" }
    for result in results {
      let verdict = result.verdict.rawValue.uppercased()
      text += "\n\(styled ? "\u{1B}[1m\(verdict)\u{1B}[0m" : verdict)  \(result.claim.identifier)\n"
      for line in lines(of: result) { text += indented(line) }
    }
    text += "\n" + Self.legend.map { wrapped($0, to: 80) + "\n" }.joined()
    return text
  }

  private func indented(_ line: String) -> String {
    wrapped(line, to: 76).split(separator: "\n").map { "    \($0)\n" }.joined()
  }

  /// The report as GitHub-flavoured Markdown: a table of the verdicts, then each claim.
  public func markdown() -> String {
    var text = "# \(title)\n\n"
    if isSample { text += "**This is \(Self.sampleWarning).**\n\n" }
    text += "Profile \(profile.rawValue), software \(softwareVersion), by `\(command)`: \(summary).\n\n"
    if !isOfPaper {
      let lines = subjectTable
      text += markdownTable(lines.prefix(1) + lines.dropFirst().map { ["[\($0[0])](#\($0[0]))"] + $0.dropFirst() })
    } else {
      text += markdownTable(
        [["Claim", "Verdict", "Ours", "Paper's tables"]]
          + results.map { result in
            [
              "[\(result.claim.identifier)](#\(result.claim.identifier))", result.verdict.rawValue,
              result.tests.prefix(2).map { $0.estimate.map($0.text) ?? "—" }.joined(separator: "; "),
              result.tests.prefix(2).map { test in test.inside.map(test.text) ?? "—" }.joined(separator: "; "),
            ]
          })
    }
    for result in results {
      text += "\n## \(result.claim.identifier)\n\n**\(result.verdict.rawValue)**"
      text += "\n\n" + lines(of: result).map { "- \(markdownEscaped($0))\n" }.joined()
      for missing in result.missing where !missing.command.isEmpty {
        text += "- missing \(markdownEscaped(missing.what)): `\(missing.command)`\n"
      }
      if !result.files.isEmpty {
        text += "\n<details><summary>\(result.files.count) files</summary>\n\n"
        for file in result.files { text += "- `\(file.path)` \(file.contentSHA256)\n" }
        text += "\n</details>\n"
      }
    }
    return text + "\n" + Self.legend.map { "\($0)\n\n" }.joined() + "NOT intended for clinical use.\n"
  }

  /// What there is to say of a claim, a sentence each.
  func lines(of result: ClaimResult) -> [String] {
    var lines = ["\(result.claim.sentence) (\(result.claim.place))"]
    if let decision = result.decision { lines.append(decision) }
    if result.verdict == .inconsistent { lines.append("our runs: \(result.reproduction.rawValue)") }
    for test in result.tests {
      if let estimate = test.estimate {
        lines.append(
          "\(test.title): \(test.text(estimate)), expected \(test.expectation): \(test.verdict.rawValue)"
            + (test.inside.map { "; the paper's tables give \(test.text($0))" } ?? ""))
        let details = test.details(estimate)
        if !details.isEmpty { lines.append(details.joined(separator: "; ")) }
      } else if let inside = test.inside {
        lines.append("\(test.title): expected \(test.expectation); the paper's tables give \(test.text(inside))")
      }
      if let partial = test.partial {
        lines.append(
          "so far, on \(partial.datasets.joined(separator: ", ")) only: \(test.title) \(test.text(partial.estimate)), "
            + "which would be \(partial.verdict.rawValue)")
      }
    }
    for statement in result.statements {
      let numbers =
        [
          statement.inside.map { "its tables \(statement.statement.text($0))" },
          statement.ours.map { "ours \(statement.statement.text($0))" },
        ].compactMap(\.self)
      lines.append(
        "\(statement.statement.text) is \(statement.statement.printed) in the text"
          + (numbers.isEmpty ? "" : "; \(numbers.joined(separator: ", "))")
          + (statement.isConsistent ? "" : ": INCONSISTENT"))
    }
    for quantity in result.quantities {
      if let value = quantity.value { lines.append("\(quantity.name): \(significant(value))") }
    }
    if !result.claim.remark.isEmpty { lines.append(result.claim.remark) }
    if result.verdict == .missing || result.reproduction == .missing {
      lines.append(missingText(result.missing))
    }
    return lines
  }

  /// A row for each claim: further numbers, the tests that are about all datasets, seeds, the verdict and what it decides.
  public var subjectTable: [[String]] {
    func distinct(_ names: [String]) -> [String] {
      names.reduce(into: []) { found, name in if !found.contains(name) { found.append(name) } }
    }
    let quantities = distinct(results.flatMap { $0.quantities.map(\.name) })
    let tests = distinct(results.flatMap { $0.tests.filter { $0.test.dataset == nil }.map(\.test.name) })
    let rows = results.map { result -> [String] in
      let counts = quantities.map { name in
        result.quantities.first { $0.name == name }?.value.map(significant) ?? "—"
      }
      let numbers = tests.map { name in
        result.tests.first { $0.test.dataset == nil && $0.test.name == name }
          .flatMap { test in test.estimate.map(test.text) } ?? "—"
      }
      let seeds = result.tests.compactMap(\.estimate?.seeds)
      let range = seeds.first.map {
        $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)"
      }
      return [result.claim.identifier] + counts + numbers
        + [range ?? "—", result.verdict.rawValue]
    }
    return [["Control"] + quantities + tests + ["Seeds", "Verdict"]] + rows
  }

  private func missingText(_ missing: [ClaimResult.Missing]) -> String {
    guard let first = missing.first else { return "something is missing" }
    let others = missing.count > 1 ? " and \(missing.count - 1) more" : ""
    return "missing: \(first.what)\(others)" + (first.command.isEmpty ? "" : "; \(first.command)")
  }
}
