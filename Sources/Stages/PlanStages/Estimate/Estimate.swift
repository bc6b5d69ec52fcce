import Configuration
import Files
import Reporting
import Threads
import TrainingStages

/// What a grid takes on this machine: time, memory, disk, stage by stage and in all. `make estimate` prints it.
struct Estimate {
  /// The runs of one stage.
  struct Line {
    var tool: String
    var count = 0
    var seconds = 0.0
    var disk = 0
    var memory = 0
  }

  private(set) var lines: [Line] = []
  /// Datasets whose size is not known, so that what depends on them is left out.
  private(set) var unknown: [String] = []
  /// Evaluations of what is no model of images: floors.
  private(set) var unmeasured: [String] = []
  /// Seconds from the first stage to the last.
  private(set) var elapsed = 0.0
  private let need: StageNeeds.Need
  private let jobs: Int
  private let threads: Int
  private let root: String
  private let usesTimm: Bool

  /// Measures and adds up.
  /// - Parameters:
  ///   - goals: tables and files that are wanted.
  ///   - jobs: stages at the same time.
  ///   - threads: of each stage; nil for as many as there are processors.
  /// - Throws: what the learners throw.
  init(_ plan: Plan, _ stale: StaleRules, _ request: PlanRequest, goals: [String], jobs: Int, threads: Int?) throws {
    // Stages beside each other share the processors.
    let processors = WorkerPool.processors
    let each = max(1, min(threads ?? processors, processors / min(jobs, processors)))
    let needs = StageNeeds(plan, request)
    var times = StageTimes(plan, needs, threads: each)
    let results = stale.needed(for: goals).filter(\.state.isToBeMade)
    var schedule = Schedule(slots: jobs)
    for result in results {
      let tool = result.rule.tool
      guard let subject = result.rule.subject else {
        // A table takes no time; what a floor takes is not measured here.
        if tool == "evaluate", let path = result.rule.targets.first { unmeasured.append(path) }
        continue
      }
      guard let seconds = try times.seconds(subject, tool: tool), let need = needs.need(of: subject) else {
        if let path = result.rule.targets.first { unknown.append(path) }
        continue
      }
      if lines.last?.tool != tool { lines.append(Line(tool: tool)) }
      let last = lines.count - 1
      lines[last].count += 1
      lines[last].seconds += seconds
      lines[last].disk += need.disk
      lines[last].memory = max(lines[last].memory, need.memory)
      schedule.add(result.rule.targets[0], after: result.rule.prerequisites, seconds: seconds)
    }
    elapsed = schedule.run()
    need = needs.total(results, jobs: jobs)
    self.jobs = jobs
    self.threads = each
    root = request.root
    usesTimm = plan.teacherSettings.values.contains { $0.program == .timm }
  }

  /// The estimate in words.
  func text(goals: [String], command: String) -> String {
    guard !lines.isEmpty else { return "nothing is to be made for \(goals.joined(separator: " "))\n" }
    var text = "what is to be made for \(goals.joined(separator: " ")), measured on this machine: "
    text += "\(WorkerPool.processors) processors, \(jobs) at a time, \(threads) threads each\n\n"
    func row(_ name: String, _ columns: [String]) -> String {
      pad(name, to: 18, left: false) + columns.map { pad($0, to: 12, left: true) }.joined() + "\n"
    }
    text += row("stage", ["runs", "one run", "all", "memory", "disk"])
    for line in lines {
      text += row(
        line.tool,
        [
          "\(line.count)", durationText(line.seconds / Double(line.count)), durationText(line.seconds),
          bytesText(line.memory), bytesText(line.disk),
        ])
    }
    text += "\nabout \(durationText(elapsed)) in all; \(bytesText(need.memory)) of memory"
    text += availableMemory().map { " (\(bytesText($0)) are free)" } ?? ""
    text += ", \(bytesText(need.disk)) of disk"
    text += freeDiskSpace(at: root).map { " (\(bytesText($0)) are free)" } ?? ""
    text += "\n"
    let teachers = lines.first { $0.tool == "finetune-teacher" }?.seconds ?? 0
    let all = lines.reduce(0) { $0 + $1.seconds }
    if usesTimm {
      text += "PyTorch's fine-tuning of the teachers is not in it: pipeline/finetune_timm.py says what is left.\n"
    } else if teachers > 3_600, teachers > all / 2 {
      text += "teachers are \(Int((100 * teachers / all).rounded())) % of it: \(shorterWays) are shorter\n"
    }
    if let first = unmeasured.first {
      let others = unmeasured.count > 1 ? " and \(unmeasured.count - 1) more" : ""
      text += "not in it, because it is not measured: \(first)\(others), fitted without a network\n"
    }
    for path in unknown { text += "not in it, because its size is not known before it is read: \(path)\n" }
    for line in shortages(need, at: root) { text += "warning: \(line)\n" }
    return text
  }
}

/// What is done when: each run begins when a slot is free and what it is made from is there, in the order they are added.
struct Schedule {
  private let slots: Int
  private var runs: [(target: String, prerequisites: [String], seconds: Double)] = []

  init(slots: Int) { self.slots = max(1, slots) }

  /// Adds a run; of what it comes after only runs count that were added before.
  mutating func add(_ target: String, after prerequisites: [String], seconds: Double) {
    runs.append((target, prerequisites, seconds))
  }

  /// Seconds until the last run ends.
  func run() -> Double {
    var free = [Double](repeating: 0, count: slots)
    var ends: [String: Double] = [:]
    for run in runs {
      let ready = run.prerequisites.compactMap { ends[$0] }.max() ?? 0
      guard let slot = free.indices.min(by: { free[$0] < free[$1] }) else { continue }
      let end = max(free[slot], ready) + run.seconds
      free[slot] = end
      ends[run.target] = end
    }
    return free.max() ?? 0
  }
}
