import Artifacts
import CommandLineKit
import TrainingStages

@main
enum Main {
  static func main() { runTool(DistillStage.command, version: Software.version, body: DistillStage.run) }
}
