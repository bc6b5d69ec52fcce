/// The rules that colour pictures.
public enum StyleSheet {
  /// Of a file: colours on white.
  static let ofFile = "text{font-family:Helvetica,Arial,sans-serif}" + Colour.rules(\.light)

  /// Of a page: by variables (`--i` is ink …), which are those on light grounds, on dark ones where the reader prefers them,
  /// and on light ones again on paper.
  public static let ofPage: String = {
    func variables(_ value: (Colour) -> String) -> String {
      Colour.allCases.map { "--\($0.rawValue):\(value($0))" }.joined(separator: ";")
    }
    return ":root{color-scheme:light dark;\(variables(\.light))}\n"
      + "@media screen and (prefers-color-scheme:dark){:root{\(variables(\.dark))}}\n"
      + Colour.rules { "var(--\($0.rawValue))" }
  }()
}
