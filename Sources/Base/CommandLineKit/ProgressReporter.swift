import Glibc

/// Progress of long work on standard error: how much is done, how fast, how long it will take.
///
/// On a terminal a bar, redrawn at most ten times a second; elsewhere a plain line at most every ten seconds, so that logs
/// stay short. Dropping a reporter, also because an error is thrown, ends the bar's line.
public final class ProgressReporter {
  /// Where and whether progress is shown.
  public enum Style: Sendable {
    /// A bar if standard error is a terminal, lines otherwise.
    case automatic
    /// Nothing.
    case quiet

    /// Whether anything is shown.
    public var isShown: Bool { self == .automatic }
  }

  enum Surface: Equatable {
    case bar(width: Int)
    case lines
    case nothing
  }

  private static let barInterval = 0.1
  private static let lineInterval = 10.0

  private let label: String
  private let unit: String
  private let total: Int
  private let alreadyDone: Int
  private var done: Int
  private var status = ""
  private let surface: Surface
  private let clock: () -> Double
  private let write: (String) -> Void
  private let start: Double
  private var lastShown: Double
  private var barIsOpen = false
  private var isFinished = false

  /// Begins to count.
  /// - Parameters:
  ///   - label: the name of the work, usually the tool's.
  ///   - total: how many units there are in all.
  ///   - unit: what is counted, in the plural.
  ///   - alreadyDone: how many units an earlier, interrupted run has done; they do not count for the rate.
  ///   - style: where and whether progress is shown.
  public convenience init(
    _ label: String, total: Int, unit: String = "images", alreadyDone: Int = 0, style: Style = .automatic
  ) {
    self.init(
      label, total: total, unit: unit, alreadyDone: alreadyDone, surface: Self.surface(for: style),
      clock: Self.seconds, write: writeToStandardError)
  }

  init(
    _ label: String, total: Int, unit: String, alreadyDone: Int, surface: Surface,
    clock: @escaping () -> Double, write: @escaping (String) -> Void
  ) {
    self.label = label
    self.total = total
    self.unit = unit
    self.alreadyDone = alreadyDone
    self.done = alreadyDone
    self.surface = surface
    self.clock = clock
    self.write = write
    self.start = clock()
    self.lastShown = start
  }

  deinit { if barIsOpen { write("\n") } }

  /// Counts `count` more units as done.
  public func advance(by count: Int) {
    done += count
    show()
  }

  /// Sets the text behind the figures, for example `epoch 3/100, loss 0.61`; it is shown with the next advance.
  public func update(status: String) { self.status = status }

  /// Writes a line of its own, above the bar: a warning, a remark.
  public func note(_ line: String) {
    guard surface != .nothing else { return }
    write((barIsOpen ? "\r\u{1b}[K" : "") + "\(label): \(line)\n")
    barIsOpen = false
  }

  /// Ends with one line: how much was done in which time.
  public func finish() {
    guard !isFinished, surface != .nothing else { return }
    isFinished = true
    let elapsed = clock() - start
    let count = done - alreadyDone
    note("\(count) \(unit) in \(Self.duration(elapsed))\(rate(elapsed).map { ", \($0)" } ?? "")\(behind(status))")
  }

  private func show() {
    let now = clock()
    switch surface {
    case .nothing: return
    case .bar(let width):
      guard now - lastShown >= Self.barInterval else { return }
      write("\r" + String(bar(elapsed: now - start).prefix(width - 1)) + "\u{1b}[K")
      barIsOpen = true
    case .lines:
      guard now - lastShown >= Self.lineInterval else { return }
      write("\(label): \(figures(elapsed: now - start))\n")
    }
    lastShown = now
  }

  /// What is cut off first, where there is no room, matters least.
  private func bar(elapsed: Double) -> String {
    let length = 10
    let filled = total > 0 ? min(length, done * length / total) : length
    let hashes = String(repeating: "#", count: filled) + String(repeating: ".", count: length - filled)
    return "\(remaining(elapsed))[\(hashes)] \(percent)% \(label)\(behind(status)), \(counts(elapsed))"
  }

  private func figures(elapsed: Double) -> String {
    "\(remaining(elapsed))\(percent)% \(counts(elapsed))\(behind(status))"
  }

  private var percent: Int { total > 0 ? min(100, done * 100 / total) : 100 }

  private func counts(_ elapsed: Double) -> String {
    "\(done)/\(total) \(unit)" + (rate(elapsed).map { ", \($0)" } ?? "")
  }

  private func remaining(_ elapsed: Double) -> String {
    guard done > alreadyDone, elapsed > 0 else { return "" }
    return "\(Self.duration(Double(max(0, total - done)) * elapsed / Double(done - alreadyDone))) left "
  }

  private func rate(_ elapsed: Double) -> String? {
    guard done > alreadyDone, elapsed > 0 else { return nil }
    let rate = Double(done - alreadyDone) / elapsed
    let tenths = (rate * 10).rounded() / 10
    return "\(rate >= 100 ? "\(Int(min(rate.rounded(), 1e15)))" : "\(tenths)") \(unit)/s"
  }

  private func behind(_ status: String) -> String { status.isEmpty ? "" : ", \(status)" }

  /// `4.2 s` below a minute, `m:ss` and `h:mm:ss` above.
  static func duration(_ seconds: Double) -> String {
    guard seconds >= 59.95 else { return "\((seconds * 10).rounded() / 10) s" }
    let whole = Int(min(seconds, 1e9).rounded())
    func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let minutes = whole / 60 % 60
    let tail = padded(whole % 60)
    return whole >= 3600 ? "\(whole / 3600):\(padded(minutes)):\(tail)" : "\(minutes):\(tail)"
  }

  private static func surface(for style: Style) -> Surface {
    switch style {
    case .quiet: return .nothing
    case .automatic:
      let terminal = getenv("TERM").map { String(cString: $0) }
      // Bars of several processes on one terminal would overwrite each other: who starts them says so.
      let sharesTerminal = getenv("QVIT_PROGRESS").map { String(cString: $0) } == "lines"
      guard let terminal, terminal != "dumb", !sharesTerminal, let width = terminalWidth(STDERR_FILENO) else {
        return .lines
      }
      return .bar(width: width)
    }
  }

  private static func seconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }
}
