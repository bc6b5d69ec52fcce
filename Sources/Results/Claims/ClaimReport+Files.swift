import Artifacts
import Configuration
public import JSON
import Reporting
import Statistics

extension ClaimReport {
  /// A line for each test of each claim (RFC 4180 with line feeds).
  public func csv() -> String {
    let columns = [
      "claim", "verdict", "reproduction", "test", "dataset", "formula", "expect", "target", "margin", "test_verdict",
      "value", "ci_low", "ci_high", "run_low", "run_high", "seed_sd", "image_sd", "p", "seeds_min", "seeds_max",
      "seeds_needed", "paper_tables", "iqm_new", "iqm_old", "p_improvement", "wilcoxon_p", "wilcoxon_p_holm",
      "wrong_ranking", "counts", "decision", "profile", "software_version",
    ]
    var text = columns.joined(separator: ",") + "\n"
    for result in results {
      for test in result.tests {
        let (estimate, comparison) = (test.estimate, test.comparison)
        let fields: [String] = [
          result.claim.identifier, result.verdict.rawValue, result.reproduction.rawValue, test.test.name,
          test.test.dataset ?? "", test.test.text, test.test.expectation.rawValue, csvNumber(test.test.target),
          csvNumber(test.test.margin), test.verdict.rawValue, csvNumber(estimate?.value),
          csvNumber(estimate?.interval?.low), csvNumber(estimate?.interval?.high), csvNumber(estimate?.prediction?.low),
          csvNumber(estimate?.prediction?.high), csvNumber(estimate?.seedDeviation),
          csvNumber(estimate?.imageDeviation),
          csvNumber(estimate?.pValue), estimate?.seeds.map { "\($0.lowerBound)" } ?? "",
          estimate?.seeds.map { "\($0.upperBound)" } ?? "", estimate?.seedsNeeded?.word ?? "", csvNumber(test.inside),
          csvNumber(comparison?.new.value), csvNumber(comparison?.old.value), csvNumber(comparison?.improvement.value),
          csvNumber(comparison?.wilcoxonP), csvNumber(test.correctedP), csvNumber(comparison?.wrongRanking),
          test.test.counts ? "1" : "0", result.decision ?? "",
          profile.rawValue, softwareVersion,
        ]
        text += fields.map(csvQuoted).joined(separator: ",") + "\n"
      }
    }
    return text
  }

  /// A longtable for `\input`; needs booktabs and longtable.
  public func latex() -> String {
    var text = "% Needs \\usepackage{booktabs,longtable}.\n"
    if isSample { text += "% \(Self.sampleWarning)\n" }
    text += "\\begin{longtable}{@{}llp{0.25\\linewidth}rr@{}}\n"
    text +=
      "\\caption{\(latexEscaped(title)): \(latexEscaped(summary)).\(isSample ? " \\textbf{\(latexEscaped(Self.sampleWarning)).}" : "")}\\\\\n"
    text += "\\toprule\nclaim & verdict & test & ours & paper's tables \\\\\n\\midrule\n\\endhead\n"
    for result in results {
      for (index, test) in result.tests.enumerated() {
        let head = index == 0 ? "\(latexEscaped(result.claim.identifier)) & \(result.verdict.rawValue)" : " & "
        text += "\(head) & \(latexEscaped(test.title)) & \(latexEscaped(test.estimate.map(test.text) ?? "---")) & "
        text += "\(latexEscaped(test.inside.map(test.text) ?? "---")) \\\\\n"
      }
      if let decision = result.decision {
        text += "\\multicolumn{5}{@{}p{\\linewidth}}{\(latexEscaped(decision))} \\\\\n"
      }
    }
    return text + "\\bottomrule\n\\end{longtable}\n"
  }

  /// Everything, for programs.
  public func json() -> JSONValue {
    .object([
      "profile": .string(profile.rawValue), "software_version": .string(softwareVersion), "command": .string(command),
      "is_sample": .bool(isSample), "title": .string(title), "datasets": .array(datasets.map { .string($0) }),
      "claims": .array(results.map(\.json)),
    ])
  }

  /// Whether an earlier report was about the same datasets: what is known of others is no change of a verdict.
  public func isAboutSameDatasets(as value: JSONValue) -> Bool {
    guard let recorded = value.value(at: ["datasets"]) else { return true }
    return recorded == .array(datasets.map { .string($0) })
  }

  /// The verdicts that an earlier report recorded, by claim.
  /// - Throws: `SettingsError` for anything but such a report.
  public static func verdicts(in value: JSONValue, path: String) throws -> [String: Verdict] {
    guard case .array(let claims)? = value.value(at: ["claims"]) else {
      throw SettingsError(path: path, place: "claims", message: "expected a list of claims")
    }
    var verdicts: [String: Verdict] = [:]
    for (index, claim) in claims.enumerated() {
      guard case .string(let identifier)? = claim.value(at: ["id"]),
        case .string(let word)? = claim.value(at: ["verdict"]),
        let verdict = Verdict(rawValue: word)
      else {
        throw SettingsError(path: path, place: "claims[\(index)]", message: "expected a claim with its verdict")
      }
      verdicts[identifier] = verdict
    }
    return verdicts
  }
}

extension SeedsNeeded {
  /// A number, "never" where the images are too few; nil where there is no effect.
  fileprivate var word: String? {
    switch self {
    case .count(let count): "\(count)"
    case .imagesDoNotSuffice: "never"
    case .noEffect: nil
    }
  }
}

// MARK: JSON

/// A number, null where there is none or it is undefined.
private func json(_ value: Double?) -> JSONValue { value.map { $0.isFinite ? .number($0) : .null } ?? .null }

private func json(_ interval: Interval?) -> JSONValue {
  interval.map { .array([json($0.low), json($0.high)]) } ?? .null
}

extension ClaimResult {
  fileprivate var json: JSONValue {
    .object([
      "id": .string(claim.identifier), "claim": .string(claim.sentence), "where": .string(claim.place),
      "verdict": .string(verdict.rawValue), "reproduction": .string(reproduction.rawValue),
      "tests": .array(tests.map(\.json)),
      "paper": .array(
        statements.map { found in
          .object([
            "formula": .string(found.statement.text), "says": .string(found.statement.printed),
            "paper_tables": Claims.json(found.inside), "ours": Claims.json(found.ours),
            "is_consistent": .bool(found.isConsistent),
          ])
        }),
      "also": .array(
        quantities.map { .object(["name": .string($0.name), "value": Claims.json($0.value)]) }),
      "remark": .string(claim.remark), "decision": decision.map { .string($0) } ?? .null,
      "missing": .array(
        missing.map { .object(["what": .string($0.what), "command": .string($0.command)]) }),
      "files": .array(
        files.map { .object(["path": .string($0.path), "content_sha256": .string($0.contentSHA256)]) }),
    ])
  }
}

extension TestResult {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(test.name), "formula": .string(test.text), "expect": .string(test.expectation.rawValue),
      "counts": .bool(test.counts), "value": .number(test.target), "margin": .number(test.margin),
      "verdict": .string(verdict.rawValue),
      "dataset": test.dataset.map { .string($0) } ?? .null, "paper_tables": Claims.json(inside),
      "estimate": estimate?.json ?? .null,
    ]
    if let partial {
      members["partial"] = .object([
        "datasets": .array(partial.datasets.map { .string($0) }), "estimate": partial.estimate.json,
        "verdict": .string(partial.verdict.rawValue),
      ])
    }
    if let comparison {
      func figure(_ aggregate: ComparisonFigures.Aggregate) -> JSONValue {
        .object(["value": Claims.json(aggregate.value), "interval": Claims.json(aggregate.interval)])
      }
      members["comparison"] = .object([
        "interquartile_mean_new": figure(comparison.new), "interquartile_mean_old": figure(comparison.old),
        "probability_of_improvement": figure(comparison.improvement), "wilcoxon_p": Claims.json(comparison.wilcoxonP),
        "wilcoxon_datasets": .number(Double(comparison.wilcoxonCount)), "wilcoxon_p_holm": Claims.json(correctedP),
        "probability_of_wrong_ranking": Claims.json(comparison.wrongRanking),
      ])
    }
    return .object(members)
  }
}

extension TestResult.Estimate {
  fileprivate var json: JSONValue {
    .object([
      "value": Claims.json(value), "interval": Claims.json(interval), "seed_sd": Claims.json(seedDeviation),
      "image_sd": Claims.json(imageDeviation), "p": Claims.json(pValue), "another_run": Claims.json(prediction),
      "seeds": seeds.map { .array([.number(Double($0.lowerBound)), .number(Double($0.upperBound))]) } ?? .null,
      "seeds_needed": seedsNeeded?.word.map { .string($0) } ?? .null,
    ])
  }
}
