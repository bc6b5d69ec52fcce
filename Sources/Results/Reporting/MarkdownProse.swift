import Failures

/// A paragraph for Markdown that may hold names from outside: what would begin markup is escaped, and nothing else, so that it
/// stays legible as plain text. Control characters are shown.
func markdownProse(_ text: String) -> String {
  let characters = Array(visible(text))
  func isWord(_ index: Int) -> Bool {
    characters.indices.contains(index) && (characters[index].isLetter || characters[index].isNumber)
  }
  var prose = ""
  for (index, character) in characters.enumerated() {
    let next = index + 1 < characters.count ? characters[index + 1] : " "
    let isMarkup: Bool =
      switch character {
      case "\\", "`", "<": true
      // At the beginning it would be an item of a list.
      case "*": index == 0 || next != " "
      case "_": !(isWord(index - 1) && isWord(index + 1))
      case "&": next.isLetter || next == "#"
      case "]": next == "(" || next == "[" || next == ":"
      case "~": next == "~"
      default: false
      }
    if isMarkup { prose += "\\" }
    prose.append(character)
  }
  return prose
}

/// A command between backticks; one of its own would end it.
func markdownCode(_ text: String) -> String { "`\(visible(text).replacing("`", with: "'"))`" }
