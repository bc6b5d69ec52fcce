import Architectures
import Configuration
import Datasets
import Training

/// How much the stages of a plan have to compute, from the sizes of the datasets and the formulas of docs/operations.md, so that
/// make can say what is left of a grid whose stages take milliseconds and days. Unlike `StageTimes` it measures nothing.
struct StageWork {
  private let plan: Plan
  private let needs: StageNeeds

  /// Multiply-adds that take as long as a program to start, read and write: about 50 ms.
  private static let startUp = 500_000_000
  /// Multiply-adds that take as long as drawing a sample picture, at either resolution: about 8 ms.
  private static let drawing = 115_000_000

  init(_ plan: Plan, _ needs: StageNeeds) {
    self.plan = plan
    self.needs = needs
  }

  /// Millions of multiply-adds of a stage, at least 1; a forward pass and a backward pass are as much as three forward passes.
  func millions(of rule: Rule) -> Int {
    max(1, (Self.startUp + (rule.subject.flatMap { multiplyAdds($0, tool: rule.tool) } ?? 0)) / 1_000_000)
  }

  private func multiplyAdds(_ subject: Rule.Subject, tool: String) -> Int? {
    switch subject {
    case .dataset(let key):
      guard let size = needs.size(of: key) else { return nil }
      // Decoding, resizing and digesting cost about as much as this for each byte.
      let reading = 100 * size.all * key.resolution * key.resolution * size.channels
      return reading + (needs.drawn(key) == nil ? 0 : size.all * Self.drawing)
    case .teacher(let key, let width):
      guard let size = needs.size(of: key), let settings = plan.teacherSettings[width] else { return nil }
      let forward = settings.architecture.configuration(penultimate: width, classes: size.classes).multiplyAdds
      let epochs = settings.program == .own ? settings.training.epochs : 0
      return forward * (epochs * (3 * size(.train) + size(.val)) + size(.train) + size(.val))
    case .student(let variant, let key):
      guard let size = needs.size(of: key), let settings = plan.settings(ofVariant: variant) else { return nil }
      let forward = settings.architecture(imageSize: key.resolution, classes: size.classes).multiplyAdds
      let epochs = plan.training(ofVariant: variant, tool: tool)?.epochs ?? 0
      return forward * epochs * (3 * size(.train) + size(.val))
    case .evaluation(let variant, let width, let key):
      guard let size = needs.size(of: key) else { return nil }
      let images = size.evaluated
      if let variant {
        guard let settings = plan.settings(ofVariant: variant) else { return nil }
        return images * settings.architecture(imageSize: key.resolution, classes: size.classes).multiplyAdds
      }
      guard let settings = plan.teacherSettings[width] else { return nil }
      return images * settings.architecture.configuration(penultimate: width, classes: size.classes).multiplyAdds
    }
  }
}

extension StaleRules {
  /// What of some results is to be made, for make's line of progress: how many stages and how much work, and the work of each.
  func workload(_ plan: Plan, _ work: StageWork, of needed: [Result]) -> String {
    let results = needed.filter { $0.state.isToBeMade && !$0.isBlocked }
    let works = results.map { work.millions(of: $0.rule) }
    var text = """

      # What is to be made of what was asked for: stages, and how much each computes, in millions of multiply-adds.
      STAGES_LEFT := \(results.count)
      WORK_LEFT := \(works.reduce(0, +))

      """
    for (result, work) in zip(results, works) {
      text += "\(plan.list(result.rule.targets)): private WORK := \(work)\n"
    }
    return text
  }
}
