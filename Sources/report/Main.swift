import Artifacts
import CommandLineKit
import Stages

@main
enum Main {
  static func main() { runTool(ReportStage.command, version: Software.version, body: ReportStage.run) }
}
