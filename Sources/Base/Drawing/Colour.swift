/// The colours of pictures: roles and hues, each in a form for light and one for dark grounds.
///
/// Hues begin with those of Okabe and Ito ("Color Universal Design", 2008) and are moved so far that each can be read as text
/// on its ground and people with any of the common colour-vision deficiencies tell all of them apart; a test measures both. No
/// picture says by colour alone what it says.
public enum Colour: String, CaseIterable, Sendable {
  /// What text and axes are written in.
  case ink = "i"
  /// Text and lines of less weight.
  case faint = "f"
  /// Grid lines and frames.
  case grid = "g"
  /// The ground.
  case ground = "p"
  case blue = "b"
  case vermillion = "v"
  case green = "n"
  case orange = "o"
  case purple = "u"
  case sky = "s"
  /// What is laid over images, on either ground.
  case heat = "h"

  /// On light grounds.
  public var light: String {
    switch self {
    case .ink: "#1c1e23"
    case .faint: "#5c616b"
    case .grid: "#d9dce1"
    case .ground: "#ffffff"
    case .blue: "#2c45b5"
    case .vermillion: "#b01c10"
    case .green: "#00624a"
    case .orange: "#b25f00"
    case .purple: "#88327e"
    case .sky: "#2377c9"
    case .heat: "#ffb000"
    }
  }

  /// On dark grounds.
  public var dark: String {
    switch self {
    case .ink: "#e8eaee"
    case .faint: "#a3a9b4"
    case .grid: "#3a3f48"
    case .ground: "#16181d"
    case .blue: "#649df0"
    case .vermillion: "#f17c5a"
    case .green: "#35e8a5"
    case .orange: "#f0c83c"
    case .purple: "#d68cb4"
    case .sky: "#b3e2ff"
    case .heat: "#ffb000"
    }
  }

  /// Hues for things that are told apart, in the order they are taken.
  public static let series: [Colour] = [.blue, .orange, .green, .purple, .vermillion, .sky]

  /// The classes `fi` (filled with ink), `si` (drawn in ink) … of marks, by a text for each colour.
  static func rules(_ value: (Colour) -> String) -> String {
    allCases.map { ".f\($0.rawValue){fill:\(value($0))}.s\($0.rawValue){stroke:\(value($0))}" }.joined()
  }
}
