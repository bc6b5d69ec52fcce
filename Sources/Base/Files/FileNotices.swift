import Threads

/// What a user should know while a file is opened, although nothing has failed. Whoever talks to the user listens.
public enum FileNotices {
  /// Takes notices from now on.
  public static func listen(_ listener: @escaping @Sendable (String) -> Void) {
    state.withLock { $0.listener = listener }
  }

  /// Passes a line on, with `once` only the first of its kind.
  static func send(_ line: String, once: Bool = false) {
    let listener = state.withLock { state in
      defer { if once { state.wasSent = true } }
      return once && state.wasSent ? nil : state.listener
    }
    listener?(line)
  }

  private struct State {
    var listener: (@Sendable (String) -> Void)?
    var wasSent = false
  }

  private static let state = Guarded(State())
}
