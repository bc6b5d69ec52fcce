import Failures

/// Typed access to one object of a settings file. It remembers which keys were asked for, so that `finish()` can refuse
/// the rest: a mistyped key is an error, never silently the default.
///
/// ```swift
/// let settings = try SettingsReader(value: JSONValue(parsing: bytes, path: path), path: path)
/// let training = try settings.child("training")
/// let epochs = try training.integer("epochs", in: 1...100_000, default: 100)
/// try settings.finish()
/// ```
public final class SettingsReader {
  /// The file, for messages.
  public let path: String
  /// The keys that lead to this object, with a dot behind each: `training.`, empty at the top.
  private let prefix: String
  private let members: [String: JSONValue]
  private var askedFor: [String: JSONValue?] = [:]
  private var children: [(key: String, reader: SettingsReader)] = []

  /// A reader of a whole file.
  /// - Throws: `SettingsError` if the value is not an object.
  public convenience init(value: JSONValue, path: String) throws(SettingsError) {
    guard case .object(let members) = value else {
      throw SettingsError(path: path, place: "", message: "expected an object, found \(value.summary)")
    }
    self.init(members: members, path: path, prefix: "")
  }

  private init(members: [String: JSONValue], path: String, prefix: String) {
    self.members = members
    self.path = path
    self.prefix = prefix
  }

  // MARK: Typed values. Each throws `SettingsError` if the key is there with another type or out of range, or if it is
  // missing and has no default.

  /// An integer.
  public func integer(
    _ key: String, in range: ClosedRange<Int>, default: Int? = nil
  ) throws(SettingsError) -> Int {
    let expected = "an integer from \(range.lowerBound) to \(range.upperBound)"
    let value = try value(key, expected, default: `default`.map { .number(Double($0)) })
    guard case .number(let number) = value, let integer = Int(exactly: number), range.contains(integer) else {
      throw error(at: key, expected: expected, found: value)
    }
    return integer
  }

  /// An integer, or nil where the key is missing or null. That it is off is not among the settings in effect: so what was made
  /// before there was such a key is still what is asked for.
  public func integerUnlessOff(_ key: String, in range: ClosedRange<Int>) throws(SettingsError) -> Int? {
    guard let found = members[key], found != .null else {
      askedFor[key] = .some(nil)
      return nil
    }
    guard case .number(let number) = found, let integer = Int(exactly: number), range.contains(integer) else {
      throw error(
        at: key, expected: "an integer from \(range.lowerBound) to \(range.upperBound), or null", found: found)
    }
    askedFor[key] = .some(found)
    return integer
  }

  /// A number.
  public func number(
    _ key: String, in range: ClosedRange<Double>, default: Double? = nil
  ) throws(SettingsError) -> Double {
    let expected = Self.expectation(range)
    let value = try value(key, expected, default: `default`.map { .number($0) })
    guard case .number(let number) = value, range.contains(number) else {
      throw error(at: key, expected: expected, found: value)
    }
    return number
  }

  /// True or false.
  public func boolean(_ key: String, default: Bool? = nil) throws(SettingsError) -> Bool {
    let expected = "true or false"
    let value = try value(key, expected, default: `default`.map { .bool($0) })
    guard case .bool(let boolean) = value else { throw error(at: key, expected: expected, found: value) }
    return boolean
  }

  /// A string that is not empty.
  public func string(_ key: String, default: String? = nil) throws(SettingsError) -> String {
    let expected = "a string"
    let value = try value(key, expected, default: `default`.map { .string($0) })
    guard case .string(let string) = value, !string.isEmpty else {
      throw error(at: key, expected: expected, found: value)
    }
    return string
  }

  /// One of several words.
  public func choice(
    _ key: String, of choices: [String], default: String? = nil
  ) throws(SettingsError) -> String {
    let expected = "one of \(choices.map { "'\($0)'" }.joined(separator: ", "))"
    let value = try value(key, expected, default: `default`.map { .string($0) })
    guard case .string(let string) = value, choices.contains(string) else {
      throw error(at: key, expected: expected, found: value)
    }
    return string
  }

  /// One of an enumeration's words.
  public func choice<Choice>(
    _ key: String, among choices: [Choice] = Array(Choice.allCases), default: Choice? = nil
  ) throws(SettingsError) -> Choice where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
    let word = try choice(key, of: choices.map(\.rawValue), default: `default`?.rawValue)
    guard let choice = Choice(rawValue: word) else { preconditionFailure("'\(word)' is no choice of '\(key)'") }
    return choice
  }

  /// An array of numbers, for example `[0.5, 0.75]`.
  public func numbers(
    _ key: String, in range: ClosedRange<Double>, default: [Double]? = nil
  ) throws(SettingsError) -> [Double] {
    let expected = "an array of numbers, each \(Self.expectation(range))"
    let value = try value(key, expected, default: `default`.map { .array($0.map { .number($0) }) })
    guard case .array(let elements) = value else { throw error(at: key, expected: expected, found: value) }
    var numbers: [Double] = []
    for (position, element) in elements.enumerated() {
      guard case .number(let number) = element, range.contains(number) else {
        throw error(at: "\(key)[\(position)]", expected: Self.expectation(range), found: element)
      }
      numbers.append(number)
    }
    return numbers
  }

  /// An array of anything, for the caller to look into; `error(at:expected:found:)` makes its errors.
  public func array(_ key: String, default: [JSONValue]? = nil) throws(SettingsError) -> [JSONValue] {
    let expected = "an array"
    let value = try value(key, expected, default: `default`.map { .array($0) })
    guard case .array(let elements) = value else { throw error(at: key, expected: expected, found: value) }
    return elements
  }

  /// A value of any type, for keys that take several (a layout's name or a list of pairs); nil if the key is missing
  /// and has no default.
  public func value(_ key: String, default: JSONValue? = nil) -> JSONValue? {
    let value = members[key] ?? `default`
    askedFor[key] = .some(value)
    return value
  }

  /// The object below `key`; an empty one, whose values are all defaults, if the key is missing.
  /// - Throws: `SettingsError` if it is not an object.
  public func child(_ key: String) throws(SettingsError) -> SettingsReader {
    if let known = children.first(where: { $0.key == key }) { return known.reader }
    let value = members[key] ?? .object([:])
    guard case .object(let members) = value else { throw error(at: key, expected: "an object", found: value) }
    let reader = SettingsReader(members: members, path: path, prefix: "\(prefix)\(key).")
    children.append((key, reader))
    return reader
  }

  // MARK: The whole

  /// Refuses keys that nobody asked for, here and in every child.
  /// - Parameter others: keys that could have been meant, because others than this reader take them out of the object.
  /// - Throws: `SettingsError` for the first in sorted order, with the nearest known key.
  public func finish(suggesting others: [String] = []) throws(SettingsError) {
    let known = askedFor.keys.sorted() + children.map(\.key)
    for key in members.keys.sorted() where !known.contains(key) {
      let suggestion = Failures.suggestion(for: key, among: known + others)
      throw SettingsError(path: path, place: prefix + key, message: "unknown key" + suggestion)
    }
    for child in children { try child.reader.finish() }
  }

  /// The settings in effect: every key that was asked for, with its value or its default, children included. This is
  /// what an artifact records.
  public var effective: JSONValue {
    var settings = askedFor.compactMapValues { $0 }
    for child in children { settings[child.key] = child.reader.effective }
    return .object(settings)
  }

  /// An error at one key of this object, for checks that the typed functions do not make.
  public func error(at key: String, expected: String, found: JSONValue) -> SettingsError {
    error(at: key, expected: expected, foundText: found.summary)
  }

  /// The same, where what was found is better said in other words.
  public func error(at key: String, expected: String, foundText: String) -> SettingsError {
    SettingsError(path: path, place: prefix + key, message: "expected \(expected), found \(foundText)")
  }

  private func value(
    _ key: String, _ expected: String, default: JSONValue?
  ) throws(SettingsError) -> JSONValue {
    guard let value = value(key, default: `default`) else {
      throw SettingsError(path: path, place: prefix + key, message: "missing key, expected \(expected)")
    }
    return value
  }

  private static func expectation(_ range: ClosedRange<Double>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (-.infinity, .infinity): "a number"
    case (let low, .infinity): "a number of at least \(JSONValue.number(low).canonicalText)"
    case (-.infinity, let high): "a number of at most \(JSONValue.number(high).canonicalText)"
    case (let low, let high):
      "a number from \(JSONValue.number(low).canonicalText) to \(JSONValue.number(high).canonicalText)"
    }
  }
}
