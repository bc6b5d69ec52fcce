import Artifacts
import CommandLineKit
import PlanStages

@main
enum Main {
  static func main() { runTool(PlanStage.command, version: Software.version, body: PlanStage.run) }
}
