import Artifacts
import CommandLineKit

@main
enum Main {
  static func main() { runTool(Benchmark.command, version: Software.version, body: Benchmark.run) }
}
