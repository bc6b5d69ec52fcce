/// What formulas may ask for besides results: counts, published values, times. Each is a function of words.
public struct FormulaFacts: Sendable {
  /// The functions.
  public static let names = [
    "parameters", "multiply_adds", "attention_parameters", "circuit_multiply_adds", "two_qubit_gates", "published",
    "published_rank", "paper_shares", "seconds",
  ]

  /// Why a fact has no number.
  public enum Absence: Error, Sendable, Equatable {
    /// It could be made: what is missing, and the command.
    case missing(String)
    /// The words are no arguments of the function.
    case misused(String)
  }

  private let lookUp: @Sendable (_ name: String, _ words: [String]) throws(Absence) -> Double

  /// Facts by their look-up.
  public init(_ lookUp: @escaping @Sendable (_ name: String, _ words: [String]) throws(Absence) -> Double) {
    self.lookUp = lookUp
  }

  /// The number of a fact.
  /// - Throws: `Absence`.
  public func callAsFunction(_ name: String, _ words: [String]) throws(Absence) -> Double { try lookUp(name, words) }
}
