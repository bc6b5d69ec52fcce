import Artifacts
import CommandLineKit
import TrainingStages

@main
enum Main {
  static func main() { runTool(TrainStage.command, version: Software.version, body: TrainStage.run) }
}
