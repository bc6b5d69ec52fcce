import Failures
import Files
import Glibc
import Testing
import _TestSupport

@testable import CommandLineKit

private struct Trouble: Failure {
  var kind: FailureKind
  var description: String
}

private struct Bug: Error {}

private struct Outcome: Equatable {
  var code: Int32
  var output = ""
  var errors = ""
}

private func run(_ arguments: [String], body: (ParsedArguments) throws -> Void = { _ in }) -> Outcome {
  var outcome = Outcome(code: -1)
  outcome.code = exitCode(
    of: sample, version: "1.2.3", arguments: arguments, output: { outcome.output += $0 },
    errors: { outcome.errors += $0 }, body: body)
  return outcome
}

@Suite("Running a tool")
struct RunToolTests {
  @Test("help and version go to standard output")
  func helpAndVersion() {
    #expect(run(["--help"]) == Outcome(code: 0, output: sample.helpText))
    #expect(run(["--version"]) == Outcome(code: 0, output: "sample 1.2.3\n"))
  }

  @Test("a wrong command line exits with 64 and does no work")
  func usage() {
    let outcome = run(["--nope"]) { _ in Issue.record("ran") }
    #expect(outcome == Outcome(code: 64, errors: "sample: error: unknown option '--nope'\n"))
  }

  @Test(
    "a failure exits with its kind, in one line",
    arguments: [
      FailureKind.badData, .missingInput, .unavailable, .internalError, .cannotCreate, .inputOutput, .interrupted,
    ])
  func failures(kind: FailureKind) {
    let outcome = run(["--output", "x", "--model", "vit"]) { _ in
      throw Trouble(kind: kind, description: "a\nb\u{1b}[31m: wrong")
    }
    #expect(outcome == Outcome(code: kind.rawValue, errors: "sample: error: a b\\u{1B}[31m: wrong\n"))
  }

  @Test("any other error is internal, 70")
  func internalError() {
    let outcome = run(["--output", "x", "--model", "vit"]) { _ in throw Bug() }
    #expect(outcome == Outcome(code: 70, errors: "sample: error: internal error: Bug()\n"))
  }

  @Test("a full standard output is an error, 74")
  func fullOutput() async {
    await #expect(processExitsWith: .exitCode(74)) {
      dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO)
      exit(
        exitCode(
          of: sample, version: "", arguments: ["--help"], output: writeToStandardOutput, errors: { _ in },
          body: { _ in }))
    }
  }

  @Test("a signal ends work that has nothing to save; its temporary goes", arguments: [SIGINT, SIGTERM, SIGUSR1])
  func signalAtOnce(number: Int32) async throws {
    let directory = try TemporaryDirectory()
    let result = await #expect(processExitsWith: .exitCode(75), observing: [\.standardErrorContent]) {
      [number, path = directory.file("out") as String] in
      install()
      let file = try PendingFile(path: path)
      raise(number)
      sleep(10)
      try file.publish()
    }
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(errors.hasSuffix("sample: error: interrupted; the same command resumes\n"))
    #expect(try directory.entries().isEmpty)
  }

  @Test("a postponed signal ends the process when it is allowed to")
  func allowed() async {
    await #expect(processExitsWith: .exitCode(75)) {
      install()
      Interruption.postpone()
      raise(SIGTERM)
      usleep(50_000)
      Interruption.allow()
      exit(1)
    }
  }

  @Test(
    "a postponed signal sets a flag, another one within the same breath does nothing more",
    arguments: [
      SIGINT, SIGTERM, SIGUSR1,
    ])
  func firstSignal(number: Int32) async {
    await #expect(processExitsWith: .exitCode(3)) { [number] in
      install()
      Interruption.postpone()
      guard !Interruption.requested else { exit(1) }
      try Interruption.check()
      raise(number)
      raise(number)
      do { try Interruption.check() } catch { exit(Interruption.requested ? 3 : 1) }
      exit(1)
    }
  }

  @Test("a second signal ends the process at once")
  func secondSignal() async {
    await #expect(processExitsWith: .exitCode(75)) {
      install()
      Interruption.postpone()
      raise(SIGTERM)
      usleep(150_000)
      raise(SIGINT)
      exit(1)
    }
  }
}

/// Installs the handlers; and lets signals through to this thread, because test threads are started with signals blocked.
private func install() {
  Interruption.install(tool: "sample")
  var all = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_UNBLOCK, &all, nil)
}
