/// A line for people that holds what came from outside: control characters are shown, not sent (a terminal would obey them),
/// and of a word of more than 200 characters the middle is left out.
public func bounded(_ text: String) -> String {
  var line = ""
  var word: [Character] = []
  func shown(_ word: [Character]) -> String {
    guard word.count > longestWord else { return String(word) }
    return "\(String(word.prefix(longestWord / 2)))…\(String(word.suffix(longestWord / 2 - 1)))"
  }
  for character in text {
    guard character != " " else {
      line += shown(word) + " "
      word = []
      continue
    }
    word += visible(character)
  }
  return line + shown(word)
}

/// The text with its control characters shown: an escape as `\u{1B}`, a line's end as a space.
public func visible(_ text: String) -> String { String(text.flatMap(visible)) }

private let longestWord = 200

private func visible(_ character: Character) -> [Character] {
  guard character.unicodeScalars.contains(where: isHidden) else { return [character] }
  return character.unicodeScalars.flatMap { scalar -> [Character] in
    guard isHidden(scalar) else { return [Character(scalar)] }
    return scalar.value < 0x20 && "\n\r\t".unicodeScalars.contains(scalar)
      ? [" "] : Array("\\u{\(String(scalar.value, radix: 16, uppercase: true))}")
  }
}

/// Controls, and marks that turn the direction of the text after them.
private func isHidden(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .lineSeparator, .paragraphSeparator: true
  case .format: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
  default: false
  }
}
