import Artifacts
import CommandLineKit
import PlanStages

@main
enum Main {
  static func main() { runTool(VerifyStage.command, version: Software.version, body: VerifyStage.run) }
}
