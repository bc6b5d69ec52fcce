import Artifacts
import CommandLineKit
import ReportStages

@main
enum Main {
  static func main() { runTool(ReportStage.command, version: Software.version, body: ReportStage.run) }
}
