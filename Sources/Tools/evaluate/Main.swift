import Artifacts
import CommandLineKit
import TrainingStages

@main
enum Main {
  static func main() { runTool(EvaluateStage.command, version: Software.version, body: EvaluateStage.run) }
}
