import Architectures
import QuantumCircuits
import TransformerKernels
import VisionTransformers
import _TestSupport

/// A student computed by PyTorch and PennyLane in float64: parameters, images, outputs, gradients.
struct GoldenStudent {
  let architecture: VisionTransformerArchitecture
  let images: [[UInt8]]
  let labels: [Int]
  /// How the masks of dropout are drawn, per image; nil without dropout.
  let dropout: [ImageDropout]?
  private let file: NPZ

  /// The committed fixtures of the paper's students, and where it is present the larger golden set.
  static let files: [String] =
    ["vit_q6_h3_b2", "vit_q2_h1_classtoken", "qvit_q4_h2_ring_shared", "qvit_q6_h2_perhead", "qvit_q4_h1_chain"]
    .map { Fixtures.path("students/\($0).npz") }
    + [
      "vit_28_q4_h1", "vit_28_q4_h2", "vit_28_q8_h2", "vit_224_q4_h2", "qvit_28_q4_h2", "qvit_28_q4_h2_chain",
      "qvit_28_q8_h2", "qvit_28_q8_h2_chain", "qvit_224_q4_h2_chain",
    ].compactMap { Fixtures.golden("students/\($0).npz") }

  /// The committed fixtures of variations: other projections, other circuits, dropout.
  static let variations: [String] = [
    "circuit_circuit_linear", "diagonal_cosine_identity", "everything", "qvit_dropout_classtoken",
    "qvit_entangler_none", "qvit_frozen", "qvit_layers2_chain", "qvit_layers2_ring_shared_reuploading",
    "qvit_layers3_chain_reuploading", "qvit_layout_empty", "qvit_output_circuit", "qvit_output_circuit_perhead",
    "qvit_output_none", "qvit_ratio_half", "qvit_uniform", "vit_dropout_b2", "vit_output_none",
  ].map { Fixtures.path("students/\($0).npz") }

  /// The committed fixtures of wide students, whose circuits PyTorch evaluates by the closed form of a chain.
  static let wide: [String] = ["vit_q32_h2", "qvit_q16_h2_output_circuit", "qvit_q64_h2_output_none"]
    .map { Fixtures.path("students/\($0).npz") }

  init(path: String) throws {
    let file = try NPZ(path: path)
    self.file = file
    // A number that is there and not 0; the golden set has no such members.
    func flag(_ name: String) throws -> Int? {
      guard file.contains(name) else { return nil }
      let value = Int(try file.scalar(name))
      return value == 0 ? nil : value
    }
    let shape = try file.shape(of: "image_u8")
    let size = shape[shape.count - 2]
    let q = Int(try file.scalar("q"))
    let heads = Int(try file.scalar("heads"))
    var architecture = VisionTransformerArchitecture(
      imageSize: size, classes: Int(try file.scalar("classes")))
    architecture.qubits = q
    architecture.heads = heads
    architecture.blocks = try flag("blocks") ?? 1
    architecture.mlpRatio = file.contains("ratio") ? try file.scalar("ratio") : 2
    architecture.pooling = try flag("class_token") == nil ? .mean : .classToken
    architecture.normalisation = try flag("imagenet") == nil ? .half : .imageNet
    if try file.names.contains(where: { $0.hasSuffix("theta") }) || flag("query") == 1 {
      var layout: [QubitPair]
      if file.contains("pairs") {
        let pairs = try file.integers("pairs")
        layout = stride(from: 0, to: pairs.count, by: 2).map { QubitPair(pairs[$0], pairs[$0 + 1]) }
      } else {
        layout = (path.hasSuffix("_chain.npz") ? PairLayout.chain : .brickRing).pairs(qubits: q)
      }
      var design = CircuitDesign(layout: layout)
      design.sharing = try flag("shared") == nil ? .perPair : .shared
      design.scope = try flag("per_head") == nil ? .allHeads : .perHead
      architecture.circuit = design
      architecture.projections = Projections(all: .circuit)
    }
    if file.contains("output") { try Self.vary(&architecture, file) }
    self.architecture = architecture
    let bytes = try file.bytes("image_u8")
    let length = shape.suffix(3).reduce(1, *)
    images = stride(from: 0, to: bytes.count, by: length).map { Array(bytes[$0..<$0 + length]) }
    labels = try file.integers("labels")
    dropout =
      architecture.dropout > 0
      ? try images.indices.map {
        ImageDropout(
          seed: UInt64(try file.integers("dropout_seed")[0]), epoch: try file.integers("dropout_epoch")[0], image: $0)
      } : nil
  }

  /// What the files of variations have beside the others.
  private static func vary(_ architecture: inout VisionTransformerArchitecture, _ file: NPZ) throws {
    func number(_ name: String) throws -> Int { Int(try file.scalar(name)) }
    let kinds: [Projection] = [.linear, .circuit, .diagonal, .cosine, .tanh, .identity]
    architecture.projections = Projections(
      query: kinds[try number("query")], key: kinds[try number("key")], value: kinds[try number("value")])
    architecture.output = [OutputProjection.linear, .circuit, .none][try number("output")]
    architecture.dropout = try file.scalar("dropout")
    architecture.uniformAttention = try number("uniform") == 1
    architecture.circuit?.layers = try number("layers")
    architecture.circuit?.reuploading = try number("reuploading") == 1
    architecture.circuit?.entangler = [Entangler.cnot, .none][try number("entangler")]
    architecture.circuit?.trainsAngles = try number("frozen") == 0
  }

  /// The flat vector of `kind` (param, grad, kdgrad, final); parameters the file does not hold are 0.
  func flat(_ kind: String) throws -> [Double] {
    let layout = ParameterLayout(architecture)
    var values = [Double](repeating: 0, count: layout.count)
    for parameter in layout.parameters {
      // The golden set's single block has no index in its names.
      let plain = parameter.name.replacing("blocks.0.", with: "")
      for name in ["\(kind).\(parameter.name)", "\(kind).\(plain)"] where file.contains(name) {
        values.replaceSubrange(parameter.range, with: try file.doubles(name))
      }
    }
    return values
  }

  func doubles(_ name: String) throws -> [Double] { try file.doubles(name) }
  func contains(_ name: String) -> Bool { file.contains(name) }
  func scalar(_ name: String) throws -> Double { try file.scalar(name) }
}

extension String {
  fileprivate func replacing(_ prefix: String, with replacement: String) -> String {
    hasPrefix(prefix) ? replacement + dropFirst(prefix.count) : self
  }
}

/// The largest difference of two vectors, relative to the largest magnitude of the expected one.
func relativeDifference(_ found: [Double], _ expected: [Double]) -> Double {
  guard found.count == expected.count else { return .infinity }
  let scale = expected.map(\.magnitude).max() ?? 0
  let difference = zip(found, expected).map { ($0 - $1).magnitude }.max() ?? 0
  return difference.isNaN ? .infinity : difference / max(scale, 1e-300)
}
