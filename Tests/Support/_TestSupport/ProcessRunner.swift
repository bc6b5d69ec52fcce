import Glibc

/// How a process that a test ran has ended.
public struct ProcessResult: Sendable, Equatable {
  /// The exit code; 128 + the signal's number for a process that a signal ended, as a shell says it.
  public var status: Int32
  /// What it wrote to standard output.
  public var output: String
  /// What it wrote to standard error.
  public var errors: String

  /// A result to compare with.
  public init(status: Int32, output: String = "", errors: String = "") {
    self.status = status
    self.output = output
    self.errors = errors
  }
}

/// A process under test. It is killed when it outlives its limit or its owner, so that no test hangs.
public final class RunningProcess {
  private let number: pid_t
  private let output: Int32
  private let errors: Int32
  private var status: Int32?

  /// Starts a program with nothing on its standard input.
  /// - Parameters:
  ///   - executable: its path, absolute.
  ///   - environment: variables that take the place of the inherited ones, or join them.
  ///   - directory: where it runs.
  public init(
    _ executable: String, _ arguments: [String], environment: [String: String] = [:], in directory: String = "/"
  ) throws {
    output = try temporaryFile()
    errors = try temporaryFile()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
    // The threads that run tests block signals, and a child would inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    // env(1) sets directory and variables in the child only, and then becomes the program.
    let variables = environment.map { "\($0.key)=\($0.value)" }
    var number: pid_t = 0
    let failure = withCStrings(["env", "-C", directory] + variables + [executable] + arguments) {
      posix_spawn(&number, "/usr/bin/env", &actions, &attributes, $0, environ)
    }
    guard failure == 0 else { throw ProcessProblem("\(executable): \(String(cString: strerror(failure)))") }
    self.number = number
  }

  deinit {
    if status == nil {
      kill(number, SIGKILL)
      waitpid(number, nil, 0)
    }
    close(output)
    close(errors)
  }

  /// Sends a signal.
  public func signal(_ signal: Int32) { kill(number, signal) }

  /// Whether it has ended.
  public func hasEnded() -> Bool {
    var raw: Int32 = 0
    if status == nil, waitpid(number, &raw, WNOHANG) == number {
      status = raw & 0x7f == 0 ? raw >> 8 & 0xff : 128 + raw & 0x7f
    }
    return status != nil
  }

  /// What it has written to standard error so far.
  public func errorsSoFar() throws -> String { try text(errors) }

  /// Waits for its end.
  /// - Throws: `ProcessProblem` if it has not ended after so many seconds.
  public func wait(atMost seconds: Double = 300) throws -> ProcessResult {
    var waited = 0.0
    while true {
      if hasEnded(), let status {
        return ProcessResult(status: status, output: try text(output), errors: try text(errors))
      }
      guard waited < seconds else { throw ProcessProblem("process \(number) runs for more than \(seconds) s") }
      usleep(2_000)
      waited += 0.002
    }
  }
}

/// Runs a program to its end.
/// - Throws: `ProcessProblem` if it cannot be started or does not end in time.
public func runProcess(
  _ executable: String, _ arguments: [String], environment: [String: String] = [:], in directory: String = "/",
  atMost seconds: Double = 300
) throws -> ProcessResult {
  try RunningProcess(executable, arguments, environment: environment, in: directory).wait(atMost: seconds)
}

/// The path of a tool of this package: the executables stand beside the tests.
public func toolPath(_ name: String) -> String {
  let tests = CommandLine.arguments[0]
  return (tests.lastIndex(of: "/").map { String(tests[...$0]) } ?? "./") + name
}

/// A process that could not be started or did not end.
public struct ProcessProblem: Error, CustomStringConvertible {
  /// One line.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// An open file without a name.
private func temporaryFile() throws -> Int32 {
  var template = Array("/tmp/qvit-output-XXXXXX".utf8CString)
  let descriptor = mkstemp(&template)
  guard descriptor >= 0 else { throw ProcessProblem("no temporary file: \(String(cString: strerror(errno)))") }
  unlink(template)
  _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  return descriptor
}

private func text(_ descriptor: Int32) throws -> String {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = pread(descriptor, &buffer, buffer.count, off_t(bytes.count))
    guard count >= 0 else { throw ProcessProblem("cannot read output: \(String(cString: strerror(errno)))") }
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += buffer[..<count]
  }
}

/// A NULL-terminated array of C strings.
private func withCStrings(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
) -> Int32 {
  let copies = strings.map { strdup($0) } + [nil]
  defer { for copy in copies { free(copy) } }
  return copies.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { preconditionFailure("an array with an element") }
    return body(base)
  }
}
