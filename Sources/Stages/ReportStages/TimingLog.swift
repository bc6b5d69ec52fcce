import Files
import StageSupport

/// The side log of a training, `NAME.timing.csv`.
struct TimingLog {
  /// Seconds and images of all epochs in it.
  let totals: (seconds: Double, images: Double)

  /// The most images per second that are believed.
  private static let fastest = 1e12

  /// Reads the log beside an artifact; nil if there is none, or it is none, for example because an earlier version wrote it, and
  /// for that of a training that was interrupted: it has the epochs of the last process only.
  /// - Throws: `FileError`.
  init?(besides artifact: String) throws {
    let path = Companion.timing.path(besides: artifact)
    guard fileExists(path) else { return nil }
    let lines = String(decoding: try contents(ofFile: path), as: UTF8.self).split(separator: "\n")
    guard lines.first.map(String.init) == Companion.timingHeader, lines.count > 1 else { return nil }
    var totals = (seconds: 0.0, images: 0.0)
    for (index, line) in lines.dropFirst().enumerated() {
      let fields = line.split(separator: ",").compactMap { Double($0) }
      guard fields.count == 3, fields[0] == Double(index + 1), fields.allSatisfy({ 0...Self.fastest ~= $0 }) else {
        return nil
      }
      totals.seconds += fields[1]
      totals.images += fields[1] * fields[2]
    }
    self.totals = totals
  }
}
