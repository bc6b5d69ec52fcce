import Architectures
import Claims
import Configuration
import Datasets
import Metrics
import QuantumCircuits
import Reporting
import Statistics

extension FormulaFacts {
  /// The functions of formulas, from the settings in effect, the catalogue, published results and the times of trainings.
  ///
  ///     parameters(VARIANT-RESOLUTION)              trained numbers, mean over the datasets of the claims
  ///     multiply_adds(VARIANT-RESOLUTION)           of one forward pass, likewise (docs/operations.md)
  ///     attention_parameters(linear | circuit, linear | circuit | none, QUBITS)
  ///                                                 of queries, keys, values and the output projection, chain layout
  ///     circuit_multiply_adds(LAYOUT, QUBITS, bloch | state-vector)
  ///     two_qubit_gates(LAYOUT, QUBITS, heavy-hex | square | all-to-all)
  ///     published(CLASSIFIER, auc | acc | parameters | gflops [, DATASET])
  ///     published_rank(auc | acc, DATASET, K)       the K-th best published value
  ///     paper_shares(DATASET, N)                    share of the paper's accuracies that are k/N, rounded
  ///     seconds(ROW)                                of training, per image and epoch, mean over the datasets that are there
  static func ofProject(tree: ArtifactTree, datasets: [String], students: [RowName: [String]]) -> FormulaFacts {
    FormulaFacts { (name, words) throws(Absence) in
      switch name {
      case "parameters":
        return mean(try architectures(words, tree, datasets).map { Double(ParameterLayout($0).trainedCount) })
      case "multiply_adds":
        return mean(try architectures(words, tree, datasets).map { Double($0.multiplyAdds) })
      case "attention_parameters": return try attentionParameters(words)
      case "circuit_multiply_adds":
        guard words.count == 3, let method = CircuitMethod(rawValue: words[2]) else {
          throw misuse(name, "LAYOUT, QUBITS, bloch or state-vector", words)
        }
        guard let count = try circuit(words).multiplyAdds(by: method) else {
          throw .misused("\(name): the layout '\(words[0])' has no closed form")
        }
        return Double(count)
      case "two_qubit_gates":
        let circuit = try circuit(words)
        if words.last == "all-to-all" { return Double(circuit.pairs.count) }
        guard words.count == 3, let lattice = QubitLattice(rawValue: words[2]) else {
          throw misuse(name, "LAYOUT, QUBITS, heavy-hex, square or all-to-all", words)
        }
        return Double(circuit.routed(on: lattice).twoQubitGates)
      case "published": return try published(words)
      case "published_rank":
        guard words.count == 3, let metric = metric(words[0]), let rank = Int(words[2]), rank >= 1 else {
          throw misuse(name, "auc or acc, DATASET, K", words)
        }
        let values = PublishedResults.classifiers.compactMap { $0.entries[words[1]]?[metric] }.sorted(by: >)
        guard rank <= values.count else { throw .missing("\(rank) published values on \(words[1])") }
        return values[rank - 1]
      case "paper_shares":
        guard words.count == 2, let images = Int(words[1]), images > 0 else { throw misuse(name, "DATASET, N", words) }
        return try paperShares(of: words[0], images: images)
      case "seconds":
        guard words.count == 1, let row = RowName(words[0]) else { throw misuse(name, "ROW", words) }
        let logs = (students[row] ?? []).compactMap { (try? TimingLog(besides: $0))?.totals }
        guard !logs.isEmpty else { throw .missing("times of trainings (NAME.timing.csv) of \(row)") }
        return mean(logs.map { $0.seconds / $0.images })
      default: throw .misused("unknown function '\(name)'")
      }
    }
  }

  private static func misuse(_ name: String, _ expected: String, _ words: [String]) -> Absence {
    .misused("\(name): expected \(expected), found '\(words.joined(separator: ", "))'")
  }

  private static func metric(_ word: String) -> Metric? {
    switch word {
    case "auc": .auc
    case "acc": .accuracy
    default: nil
    }
  }

  /// A student for each dataset that the catalogue has.
  private static func architectures(
    _ words: [String], _ tree: ArtifactTree, _ datasets: [String]
  ) throws(Absence) -> [VisionTransformerArchitecture] {
    guard words.count == 1, let hyphen = words[0].lastIndex(of: "-"),
      let resolution = Int(words[0][words[0].index(after: hyphen)...]), resolution > 0
    else { throw misuse("parameters", "VARIANT-RESOLUTION", words) }
    let path = tree.settings(String(words[0][..<hyphen]))
    let settings: StudentSettings
    do { settings = try StudentSettings(path: path) } catch {
      throw .missing("\(path), settings that a planned table uses")
    }
    let students = Catalogue.all.filter { datasets.contains($0.name) }.map {
      settings.architecture(imageSize: resolution, classes: $0.classNames.count)
    }
    if let problem = students.lazy.compactMap(\.problem).first { throw .misused("parameters(\(words[0])): \(problem)") }
    return students
  }

  private static func circuit(_ words: [String]) throws(Absence) -> Circuit {
    guard words.count == 3, let layout = PairLayout(rawValue: words[0]), let qubits = Int(words[1]),
      (2...Circuit.largestCount).contains(qubits)
    else { throw misuse("circuit", "LAYOUT, QUBITS from 2 to 64, …", words) }
    return Circuit(qubits: qubits, pairs: layout.pairs(qubits: qubits))
  }

  private static func attentionParameters(_ words: [String]) throws(Absence) -> Double {
    guard words.count == 3, let qubits = Int(words[2]), (2...Circuit.largestCount).contains(qubits),
      ["linear", "circuit"].contains(words[0]), let output = OutputProjection(rawValue: words[1])
    else { throw misuse("attention_parameters", "linear or circuit, linear, circuit or none, QUBITS", words) }
    var architecture = VisionTransformerArchitecture(imageSize: 28, classes: 2)
    architecture.qubits = qubits
    architecture.projections = Projections(all: words[0] == "linear" ? .linear : .circuit)
    architecture.output = output
    architecture.circuit = CircuitDesign(layout: PairLayout.chain.pairs(qubits: qubits))
    return Double(
      ParameterLayout(architecture).parameters.filter { $0.name.hasPrefix("blocks.0.attn.") }
        .reduce(0) { $0 + $1.count })
  }

  private static func published(_ words: [String]) throws(Absence) -> Double {
    guard words.count >= 2 else { throw misuse("published", "CLASSIFIER, MEASURE, DATASET", words) }
    guard let classifier = PublishedResults.classifiers.first(where: { slug($0.name) == words[0] }) else {
      throw .misused("published: unknown classifier '\(words[0])'")
    }
    let value: Double?
    switch (words[1], words.count) {
    case ("parameters", 2): value = classifier.parameters.map(Double.init)
    case ("gflops", 2): value = classifier.gigaFLOPs
    case ("auc", 3), ("acc", 3): value = metric(words[1]).flatMap { classifier.entries[words[2]]?[$0] }
    default: throw misuse("published", "CLASSIFIER, auc or acc, DATASET, or CLASSIFIER, parameters or gflops", words)
    }
    guard let value else { throw .missing("the published value \(words.joined(separator: ", "))") }
    return value
  }

  /// The share of the paper's accuracies on a dataset that are k/N for a whole k, rounded to three decimals.
  private static func paperShares(of dataset: String, images: Int) throws(Absence) -> Double {
    let values = PaperResults.rows.compactMap { PaperResults.entry(row: $0, dataset: dataset)?.accuracy }
    guard !values.isEmpty else { throw .missing("accuracies of the paper on '\(dataset)'") }
    let fitting = values.count { value in
      let nearest = (value * Double(images)).rounded()
      return (nearest / Double(images) * 1000).rounded() == (value * 1000).rounded()
    }
    return Double(fitting) / Double(values.count)
  }
}
