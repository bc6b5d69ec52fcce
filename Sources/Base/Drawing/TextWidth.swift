/// How wide a text is at most, in units of the font's size: by the widths of Helvetica, which most sans-serif fonts of screens come
/// near to, and 18 % more, which DejaVu Sans takes, all that some machines have. A character that Helvetica does not have counts
/// as the widest.
public func textWidth(_ text: String, size: Double) -> Double {
  let units = text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
  return Double(units) / 1000 * size * 1.18
}

/// A text that is no wider than `width`; what is cut off is "…".
public func fitted(_ text: String, to width: Double, size: Double) -> String {
  guard textWidth(text, size: size) > width else { return text }
  var kept = text
  while !kept.isEmpty, textWidth(kept + "…", size: size) > width { kept.removeLast() }
  while kept.last == " " { kept.removeLast() }
  return kept + "…"
}

private func width(of scalar: Unicode.Scalar) -> Int {
  switch scalar {
  case "i", "j", "l", "'", "|": 240
  case " ", "!", ",", ".", "/", ":", ";", "I", "f", "t", "[", "]", "·": 278
  case "(", ")", "-", "r", "`", "°": 333
  case "*", "\"": 370
  case "c", "k", "s", "v", "x", "y", "z", "J": 500
  case "A", "B", "E", "K", "P", "S", "V", "X", "Y", "&": 667
  case "C", "D", "H", "N", "R", "U", "w": 722
  case "G", "O", "Q": 778
  case "F", "T", "Z": 611
  case "M", "m": 833
  case "W": 944
  case "+", "=", "<", ">", "~", "±", "−", "×": 584
  case "\u{20}"..."\u{7E}", "\u{C0}"..."\u{24F}", "\u{370}"..."\u{3FF}", "–": 556
  default: 1000
  }
}
