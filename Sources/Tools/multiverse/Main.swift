import Artifacts
import CommandLineKit
import ReportStages

@main
enum Main {
  static func main() { runTool(MultiverseStage.command, version: Software.version, body: MultiverseStage.run) }
}
