import Artifacts
import CommandLineKit
import Stages

@main
enum Main {
  static func main() {
    runTool(FinetuneTeacherStage.command, version: Software.version, body: FinetuneTeacherStage.run)
  }
}
