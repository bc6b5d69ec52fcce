import Testing
import _TestSupport

@Suite("The same commands give the same bytes")
struct DeterminismTests {
  @Test("Any number of threads", arguments: ["vit", "qvit"])
  func threads(model: String) throws {
    let bench = try Bench()
    try bench.writeSettings()
    try bench.complete(
      .prepareData, "--dataset bloodmnist --resolution 28 --source sample --profile paper --quiet --output d.h5")
    for threads in 1...3 {
      try bench.complete(
        .train,
        "--data d.h5 --config \(model).json --seed 7 --threads \(threads) --quiet --output s\(threads).h5")
      try bench.complete(
        .evaluate, "--data d.h5 --model s1.h5 --threads \(threads) --output e\(threads).h5")
    }
    for kind in ["s", "e"] {
      let one = try bench.directory.bytes("\(kind)1.h5")
      #expect(try bench.directory.bytes("\(kind)2.h5") == one)
      #expect(try bench.directory.bytes("\(kind)3.h5") == one)
    }
  }

  @Test("Another directory, locale, time zone and environment")
  func environments() throws {
    let environments = [
      ["LC_ALL": "C", "TZ": "UTC", "LANG": "C", "HOME": "/"],
      ["LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Kathmandu", "LANG": "tr_TR.UTF-8", "HOME": "/nonexistent", "TERM": "dumb"],
    ]
    let results = try environments.map { environment in
      let bench = try Bench()
      try bench.writeSettings()
      try chain(in: bench, environment)
      return try bench.contents().filter { !$0.key.hasSuffix(".timing.csv") }
    }
    let names = Set(results[0].keys).union(results[1].keys)
    #expect(names.count == 28, "\(names.sorted())")
    let different = names.filter { results[0][$0] != results[1][$0] }
    #expect(different.isEmpty, "\(different.sorted())")
  }

  /// The whole way from images to a table.
  private func chain(in bench: Bench, _ environment: [String: String]) throws {
    func run(_ tool: Tool, _ words: String) throws { try bench.complete(tool, words, environment: environment) }
    try run(.prepareData, "--dataset dermamnist --resolution 28 --source sample --profile paper --quiet --output d.h5")
    for model in ["vit", "qvit"] {
      try bench.directory.makeDirectories("evaluations/\(model)-scratch")
      try run(.train, "--data d.h5 --config \(model).json --seed 1 --quiet --output \(model).h5")
      try run(
        .evaluate,
        "--data d.h5 --model \(model).h5 --csv csv --output evaluations/\(model)-scratch/dermamnist-28-s1.h5")
    }
    try bench.plan(datasets: "dermamnist", variants: "vit qvit", environment: environment)
    try run(.report, "--table ./settings/tables/table1.json --output t")
  }
}
