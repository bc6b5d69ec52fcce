import Failures
import Glibc

/// Runs a tool and ends the process: reads the command line, does the work, prints what went wrong as one line
/// `NAME: error: …` on standard error, and exits with the failure's code.
/// - Parameters:
///   - command: the tool's declaration.
///   - version: printed by `--version`.
///   - body: the work.
public func runTool(_ command: Command, version: String, body: (ParsedArguments) throws -> Void) -> Never {
  // A reader of our output that goes away shows as a failed write, not as a silent death.
  signal(SIGPIPE, SIG_IGN)
  // A file that grows beyond a limit (ulimit -f) likewise.
  signal(SIGXFSZ, SIG_IGN)
  Interruption.install(tool: command.name)
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
    errors("\(command.name): error: \(oneLine(failure.description))\n")
    return failure.kind.rawValue
  } catch {
    errors("\(command.name): error: internal error: \(oneLine("\(error)"))\n")
    return FailureKind.internalError.rawValue
  }
}

/// The text with its control characters, which a file name may hold, as spaces.
private func oneLine(_ text: String) -> String {
  var line = String.UnicodeScalarView()
  for scalar in text.unicodeScalars { line.append(scalar.properties.generalCategory == .control ? " " : scalar) }
  return String(line)
}
