public import Glibc

/// Starts a thread that runs `body` and ends with it.
/// - Returns: the thread, to be joined or detached; nil if the system has no room for another.
public func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
  final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
  var thread = pthread_t()
  let argument = Unmanaged.passRetained(Body(body))
  let failure = pthread_create(
    &thread, nil,
    { argument in
      if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
      return nil
    }, argument.toOpaque())
  guard failure == 0 else {
    argument.release()
    return nil
  }
  return thread
}
