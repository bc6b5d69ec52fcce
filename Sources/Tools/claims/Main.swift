import Artifacts
import CommandLineKit
import ReportStages

@main
enum Main {
  static func main() { runTool(ClaimsStage.command, version: Software.version, body: ClaimsStage.run) }
}
