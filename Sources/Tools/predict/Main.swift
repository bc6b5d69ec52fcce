import Artifacts
import CommandLineKit
import TrainingStages

@main
enum Main {
  static func main() { runTool(PredictStage.command, version: Software.version, body: PredictStage.run) }
}
