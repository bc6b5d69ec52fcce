import Failures
import Files
import Glibc

/// Runs a tool and ends the process: reads the command line, does the work, prints what went wrong as one line
/// `NAME: error: …` on standard error, and exits with the failure's code.
/// - Parameters:
///   - command: the tool's declaration.
///   - version: printed by `--version`.
///   - body: the work.
public func runTool(_ command: Command, version: String, body: (ParsedArguments) throws -> Void) -> Never {
  openStandardStreams()
  // A reader of our output that goes away shows as a failed write, not as a silent death.
  signal(SIGPIPE, SIG_IGN)
  // A file that grows beyond a limit (ulimit -f) likewise.
  signal(SIGXFSZ, SIG_IGN)
  Interruption.install(tool: command.name)
  let name = command.name
  FileNotices.listen { writeToStandardError("\(name): \(bounded($0))\n") }
  if let position = firstArgumentThatIsNoText() {
    let failure = UsageError("argument \(position): expected UTF-8, found other bytes; rename the file")
    writeToStandardError("\(command.name): error: \(failure)\n")
    exit(failure.kind.rawValue)
  }
  exit(
    exitCode(
      of: command, version: version, arguments: Array(CommandLine.arguments.dropFirst()),
      output: writeToStandardOutput, errors: writeToStandardError, body: body))
}

/// The work of `runTool` with its streams as arguments.
/// - Returns: the exit code.
func exitCode(
  of command: Command, version: String, arguments: [String], output: (String) throws -> Void,
  errors: (String) -> Void, body: (ParsedArguments) throws -> Void
) -> Int32 {
  do {
    switch try command.parse(arguments) {
    case .help: try output(command.helpText)
    case .version: try output("\(command.name) \(version)\n")
    case .run(let parsed): try body(parsed)
    }
    return 0
  } catch let failure as any Failure {
    errors("\(command.name): error: \(bounded(failure.description))\n")
    return failure.kind.rawValue
  } catch {
    errors("\(command.name): error: internal error: \(bounded("\(error)"))\n")
    return FailureKind.internalError.rawValue
  }
}

/// Makes sure that the standard streams are open: a file that was opened in the place of one that is closed would take what is
/// meant for it, the table for the terminal among the table's files.
private func openStandardStreams() {
  for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
    // The lowest number that is free is this one.
    _ = open("/dev/null", O_RDWR)
  }
}

/// The number of the first argument whose bytes are no UTF-8: as a text it would name another file.
private func firstArgumentThatIsNoText() -> Int? {
  (1..<max(1, Int(CommandLine.argc))).first { index in
    guard let argument = CommandLine.unsafeArgv[index] else { return false }
    return String(validatingCString: argument) == nil
  }
}
