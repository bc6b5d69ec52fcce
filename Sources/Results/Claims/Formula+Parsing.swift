import Failures
import Metrics

/// What is wrong with a formula, in words, with the place in its text.
public struct FormulaError: Error, Equatable, CustomStringConvertible {
  /// The sentence.
  public let description: String
}

extension Formula {
  private static let longest = 4_096

  /// Parses a formula.
  /// - Throws: `FormulaError`.
  public init(parsing text: String) throws(FormulaError) {
    // A sum nests as deep as it has terms.
    guard text.utf8.count <= Self.longest else {
      throw FormulaError(description: "a formula has at most \(Self.longest) characters, found \(text.utf8.count)")
    }
    var parser = FormulaParser(text)
    self = try parser.sum()
    try parser.requireEnd()
  }
}

/// Recursive descent over the characters of a formula.
private struct FormulaParser {
  private let characters: [Character]
  private var position = 0
  private var depth = 0

  init(_ text: String) { characters = Array(text) }

  mutating func sum() throws(FormulaError) -> Formula {
    var formula = try product()
    while true {
      if take("+") {
        formula = .sum(formula, try product())
      } else if take("-") {
        formula = .difference(formula, try product())
      } else {
        return formula
      }
    }
  }

  private mutating func product() throws(FormulaError) -> Formula {
    var formula = try factor()
    while true {
      if take("*") {
        formula = .product(formula, try factor())
      } else if take("/") {
        formula = .quotient(formula, try factor())
      } else {
        return formula
      }
    }
  }

  private mutating func factor() throws(FormulaError) -> Formula {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 50 else { throw problem("too many parentheses") }
    if take("-") { return .difference(.number(0), try factor()) }
    if take("(") {
      let inner = try sum()
      try require(")")
      return inner
    }
    let word = self.word()
    if let number = Double(word), number.isFinite, word.first?.isNumber == true { return .number(number) }
    guard !word.isEmpty else { throw problem("expected a number, a function or '('") }
    guard take("(") else { throw problem("'\(word)' is neither a number nor a function: expected '('") }
    return try function(word)
  }

  private mutating func function(_ name: String) throws(FormulaError) -> Formula {
    switch name {
    case "auc": return try mean(.auc)
    case "acc": return try mean(.accuracy)
    case "min": return .minimum(try formulas())
    case "max": return .maximum(try formulas())
    case "change":
      let parts = try formulas()
      guard parts.count == 2 else { throw problem("change: expected two formulas, found \(parts.count)") }
      return .quotient(.difference(parts[0], parts[1]), parts[1])
    default:
      guard FormulaFacts.names.contains(name) else {
        let known = ["auc", "acc", "min", "max", "change"] + FormulaFacts.names
        throw problem("unknown function '\(name)'" + suggestion(for: name, among: known))
      }
      var words: [String] = []
      if !take(")") {
        repeat { words.append(try requiredWord()) } while take(",")
        try require(")")
      }
      return .fact(name, words)
    }
  }

  private mutating func mean(_ metric: Metric) throws(FormulaError) -> Formula {
    var rows: [RowName] = []
    repeat {
      let word = try requiredWord()
      guard let row = RowName(word) else {
        throw problem("'\(word)' is no row: expected VARIANT-REGIME-RESOLUTION, as qvit-scratch-28")
      }
      rows.append(row)
    } while take(",")
    var datasets: [String]?
    if take("@") {
      var named: [String] = []
      repeat { named.append(try requiredWord()) } while take(",")
      datasets = named
    }
    try require(")")
    return .mean(metric, rows, datasets: datasets)
  }

  private mutating func formulas() throws(FormulaError) -> [Formula] {
    var parts: [Formula] = []
    repeat { parts.append(try sum()) } while take(",")
    try require(")")
    return parts
  }

  // MARK: Characters

  mutating func requireEnd() throws(FormulaError) {
    skipSpaces()
    guard position == characters.count else { throw problem("unexpected '\(characters[position])'") }
  }

  private mutating func skipSpaces() {
    while position < characters.count, characters[position].isWhitespace { position += 1 }
  }

  private mutating func take(_ character: Character) -> Bool {
    skipSpaces()
    guard position < characters.count, characters[position] == character else { return false }
    position += 1
    return true
  }

  private mutating func require(_ character: Character) throws(FormulaError) {
    guard take(character) else { throw problem("expected '\(character)'") }
  }

  /// Letters, digits, dots, underscores, and hyphens inside; empty where there is none.
  private mutating func word() -> String {
    skipSpaces()
    let start = position
    while position < characters.count, isInWord(characters[position]) { position += 1 }
    return String(characters[start..<position])
  }

  private func isInWord(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "._".contains(character))
      || (character == "-" && position > 0 && position + 1 < characters.count && isJoined(position - 1)
        && isJoined(position + 1))
  }

  private func isJoined(_ place: Int) -> Bool {
    let character = characters[place]
    return character.isASCII && (character.isLetter || character.isNumber)
  }

  private mutating func requiredWord() throws(FormulaError) -> String {
    let found = word()
    guard !found.isEmpty else { throw problem("expected a name") }
    return found
  }

  private func problem(_ sentence: String) -> FormulaError {
    FormulaError(description: "\(sentence) at character \(position + 1)")
  }
}
