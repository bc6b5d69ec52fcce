import Artifacts
import CommandLineKit
import TrainingStages

@main
enum Main {
  static func main() {
    runTool(FinetuneTeacherStage.command, version: Software.version, body: FinetuneTeacherStage.run)
  }
}
