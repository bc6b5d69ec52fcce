// swift-tools-version: 6.2
import PackageDescription

// MARK: Settings

/// The instruction set the kernels are compiled for. The machine at hand by default; `QVIT_MARCH=x86-64-v3` (or `-v4`)
/// fixes one level for a cluster of mixed machines. Results do not depend on it: every kernel is written in explicit
/// fused multiply-adds over 16 lanes in a fixed order.
let march = Context.environment["QVIT_MARCH"] ?? "native"
#if arch(x86_64)
  let machineFlags = ["-Xcc", "-march=\(march)"]
#else
  let machineFlags = ["-Xcc", "-mcpu=\(march)"]
#endif

let swiftSettings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .unsafeFlags(machineFlags),
]

// A layer is a folder of `Sources`, and of `Tests`. A module sees modules of the layers above it here, and those of its own
// layer that stand before it.

/// - Parameter tables: files of the module's folder that are compiled in.
func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], in layer: String, tables: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(layer)/\(name)",
    resources: tables.map { .embedInCode($0) }, swiftSettings: swiftSettings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], in layer: String) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name), "_TestSupport"] + dependencies,
    path: "Tests/\(layer)/\(name)Tests", swiftSettings: swiftSettings)
}

func cLibrary(_ name: String, pkgConfig: String? = nil, apt: String? = nil) -> Target {
  .systemLibrary(
    name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: apt.map { [.apt([$0])] })
}

// MARK: C: headers of our own and Debian's libraries

let c: [Target] = [
  cLibrary("CDigests"),
  cLibrary("CLanes"),
  cLibrary("CProcessors"),
  cLibrary("CHDF5", pkgConfig: "hdf5-serial", apt: "libhdf5-dev"),
  cLibrary("CJPEG", pkgConfig: "libjpeg", apt: "libjpeg-dev"),
  cLibrary("CPNG", pkgConfig: "libpng", apt: "libpng-dev"),
  cLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
]

// MARK: Base: what knows nothing of images, models or tables

let base: [Target] = [
  module("Failures", in: "Base"),
  module("Threads", ["CLanes", "CProcessors"], in: "Base"),
  module("VectorMath", ["CLanes"], in: "Base"),
  module("Files", ["Failures", "Threads"], in: "Base"),
  module("Digests", ["CDigests", "Failures", "Files", "Threads"], in: "Base"),
  module("JSON", ["Failures"], in: "Base"),
  module("CommandLineKit", ["Failures", "Files", "Threads"], in: "Base"),
  module("Statistics", ["VectorMath"], in: "Base"),
  module("Markup", in: "Base"),
  module("Drawing", ["Markup"], in: "Base"),
]

// MARK: Data: what a dataset is, and where its images come from

let data: [Target] = [
  module(
    "Datasets", ["Digests", "Failures", "Files", "VectorMath"], in: "Data", tables: ["datasets.tsv", "weights.tsv"]),
  module("Images", ["Failures", "Files", "CJPEG", "CPNG"], in: "Data"),
  module(
    "DatasetSources", ["Datasets", "Digests", "Failures", "Files", "Images", "Threads", "VectorMath", "CZlib"],
    in: "Data"),
]

// MARK: Model: circuits, small vision transformers (students), TinyViT (the teacher). What a model is stands apart from how
// it is computed: who only reads or writes models does not wait for the kernels

let model: [Target] = [
  module("Losses", ["VectorMath"], in: "Model"),
  module("QuantumCircuits", ["VectorMath"], in: "Model"),
  module("Architectures", ["QuantumCircuits", "VectorMath"], in: "Model"),
  module("CircuitKernels", ["QuantumCircuits", "VectorMath"], in: "Model"),
  module("TransformerKernels", ["Architectures", "CircuitKernels", "QuantumCircuits", "VectorMath"], in: "Model"),
  module(
    "VisionTransformers",
    ["Architectures", "CircuitKernels", "Losses", "QuantumCircuits", "Threads", "TransformerKernels", "VectorMath"],
    in: "Model"),
  module("SafeTensors", ["Failures", "Files", "JSON"], in: "Model"),
  module("TinyViTKernels", ["VectorMath"], in: "Model"),
  module(
    "TinyViT", ["Architectures", "Failures", "Losses", "SafeTensors", "Threads", "TinyViTKernels", "VectorMath"],
    in: "Model"),
]

// MARK: Training: measures, the procedure, and the two kinds of model that go through it

let training: [Target] = [
  module("Floors", ["Failures", "Threads", "VectorMath"], in: "Training"),
  module("Metrics", ["Datasets", "Failures", "Losses", "Statistics", "Threads", "VectorMath"], in: "Training"),
  module("Training", ["Datasets", "Failures", "Losses", "Metrics", "VectorMath"], in: "Training"),
  module(
    "Learners",
    [
      "Architectures", "Datasets", "Losses", "Metrics", "Threads", "TinyViT", "Training", "TransformerKernels",
      "VectorMath", "VisionTransformers",
    ], in: "Training"),
]

// MARK: Results: settings and the grid, artifacts, tables

let results: [Target] = [
  module(
    "Artifacts",
    ["Datasets", "Digests", "Failures", "Files", "JSON", "Metrics", "Statistics", "Threads", "Training", "CHDF5"],
    in: "Results"),
  module(
    "Configuration",
    [
      "Architectures", "Artifacts", "Datasets", "Failures", "Files", "JSON", "QuantumCircuits", "Training",
      "VectorMath",
    ], in: "Results"),
  module(
    "Reporting", ["Artifacts", "Configuration", "Datasets", "Failures", "JSON", "Metrics", "Statistics", "Training"],
    in: "Results",
    tables: ["paper-results.tsv", "published.tsv"]),
  module(
    "Claims",
    [
      "Artifacts", "Configuration", "Drawing", "Failures", "Files", "JSON", "Metrics", "Reporting", "Statistics",
      "VectorMath",
    ], in: "Results"),
  module(
    "Multiverse",
    [
      "Artifacts", "Configuration", "Datasets", "Failures", "JSON", "Metrics", "Reporting", "Statistics",
    ], in: "Results"),
  module(
    "Figures",
    [
      "Artifacts", "Configuration", "Datasets", "Drawing", "Markup", "Metrics", "QuantumCircuits", "Reporting",
      "Statistics", "Training",
    ], in: "Results"),
  module(
    "HTMLReport",
    [
      "Architectures", "Artifacts", "Claims", "Configuration", "Datasets", "Digests", "Drawing", "Figures", "JSON",
      "Markup", "Metrics", "Multiverse", "QuantumCircuits", "Reporting", "Statistics",
    ], in: "Results"),
]

// MARK: Stages: options, inputs and outputs of the tools

let stages: [Target] = [
  module(
    "StageSupport", ["Artifacts", "CommandLineKit", "Configuration", "Datasets", "Files", "Threads"], in: "Stages"),
  module(
    "DataStages",
    [
      "Artifacts", "CommandLineKit", "Configuration", "DatasetSources", "Datasets", "Digests", "Failures", "Files",
      "Images", "JSON", "StageSupport",
    ], in: "Stages"),
  module(
    "TrainingStages",
    [
      "Architectures", "Artifacts", "CommandLineKit", "Configuration", "DatasetSources", "Datasets", "Digests",
      "Failures", "Files", "Floors", "Images", "JSON", "Learners", "Losses", "Metrics", "QuantumCircuits",
      "SafeTensors",
      "StageSupport", "Statistics", "Threads", "TinyViT", "Training",
      "TransformerKernels", "VectorMath", "VisionTransformers",
    ], in: "Stages"),
  module(
    "PlanStages",
    [
      "Architectures", "Artifacts", "CommandLineKit", "Configuration", "DataStages", "DatasetSources", "Datasets",
      "Digests", "Failures", "Files", "JSON", "Reporting", "StageSupport", "Threads", "Training", "TrainingStages",
    ], in: "Stages"),
  module(
    "ReportStages",
    [
      "Architectures", "Artifacts", "Claims", "CommandLineKit", "Configuration", "Datasets", "Drawing", "Failures",
      "Figures", "Files", "HTMLReport", "Images", "JSON", "Metrics", "Multiverse", "PlanStages", "QuantumCircuits",
      "Reporting", "StageSupport", "Statistics", "TrainingStages", "VisionTransformers",
    ], in: "Stages"),
]

// MARK: Tools: one program per stage, and one to check what they leave

func tool(_ name: String, _ stages: Target.Dependency) -> Target {
  .executableTarget(
    name: name, dependencies: ["Artifacts", "CommandLineKit", stages], path: "Sources/Tools/\(name)",
    swiftSettings: swiftSettings)
}

let tools: [Target] = [
  tool("prepare-data", "DataStages"),
  tool("finetune-teacher", "TrainingStages"),
  tool("distill", "TrainingStages"),
  tool("train", "TrainingStages"),
  tool("evaluate", "TrainingStages"),
  tool("sweep", "TrainingStages"),
  tool("predict", "TrainingStages"),
  tool("report", "ReportStages"),
  tool("claims", "ReportStages"),
  tool("multiverse", "ReportStages"),
  tool("verify", "PlanStages"),
  tool("plan", "PlanStages"),
]

// MARK: Tests

let testSupport: [Target] = [
  .target(name: "_TestSupport", path: "Tests/Support/_TestSupport", swiftSettings: swiftSettings),
  .target(
    name: "_ArtifactSamples", dependencies: ["Artifacts", "Datasets", "Files", "Metrics", "Training"],
    path: "Tests/Support/_ArtifactSamples", swiftSettings: swiftSettings),
  .target(
    name: "_Browser", dependencies: ["JSON", "_TestSupport"], path: "Tests/Support/_Browser",
    swiftSettings: swiftSettings),
]

let stubs: [Target] = [
  .executableTarget(
    name: "stub-stage",
    dependencies: ["Artifacts", "Configuration", "DataStages", "Digests", "Files", "JSON", "_ArtifactSamples"],
    path: "Tests/Support/stub-stage", swiftSettings: swiftSettings)
]

let testTargets: [Target] = [
  tests(of: "Threads", ["VectorMath"], in: "Base"),
  tests(of: "VectorMath", ["CLanes"], in: "Base"),
  tests(of: "Digests", in: "Base"),
  tests(of: "JSON", ["Failures"], in: "Base"),
  tests(of: "CommandLineKit", ["Failures", "Files"], in: "Base"),
  tests(of: "Markup", in: "Base"),
  tests(of: "Drawing", ["Markup"], in: "Base"),
  tests(of: "Statistics", ["VectorMath"], in: "Base"),
  tests(of: "Datasets", ["Digests", "Failures", "Files", "VectorMath"], in: "Data"),
  tests(of: "Images", ["Failures", "Files"], in: "Data"),
  tests(of: "DatasetSources", ["Datasets", "Digests", "Failures", "Files", "Images", "VectorMath"], in: "Data"),
  tests(of: "CircuitKernels", ["QuantumCircuits", "Threads", "VectorMath"], in: "Model"),
  tests(
    of: "VisionTransformers",
    ["Architectures", "CircuitKernels", "QuantumCircuits", "Threads", "Training", "TransformerKernels", "VectorMath"],
    in: "Model"),
  tests(of: "SafeTensors", ["Failures", "Files"], in: "Model"),
  tests(of: "TinyViTKernels", ["Threads", "VectorMath"], in: "Model"),
  tests(
    of: "TinyViT",
    ["Architectures", "Failures", "Files", "SafeTensors", "Threads", "TinyViTKernels", "VectorMath"], in: "Model"),
  tests(of: "Metrics", ["Datasets", "Failures", "Statistics", "VectorMath"], in: "Training"),
  tests(of: "Floors", ["Threads", "VectorMath"], in: "Training"),
  tests(
    of: "Training",
    [
      "Architectures", "Datasets", "Failures", "Learners", "Metrics", "QuantumCircuits", "Threads",
      "TransformerKernels", "VectorMath", "VisionTransformers",
    ], in: "Training"),
  tests(
    of: "Artifacts",
    ["CHDF5", "Datasets", "Failures", "Files", "JSON", "Metrics", "Training", "_ArtifactSamples"],
    in: "Results"),
  tests(of: "Configuration", ["Architectures", "Artifacts", "JSON", "QuantumCircuits", "Training"], in: "Results"),
  tests(
    of: "Reporting",
    [
      "Artifacts", "Configuration", "Datasets", "Failures", "JSON", "Metrics", "Statistics", "Training", "VectorMath",
    ], in: "Results"),
  tests(
    of: "Claims",
    [
      "Artifacts", "Configuration", "Datasets", "Failures", "JSON", "Metrics", "Reporting", "Statistics", "VectorMath",
    ], in: "Results"),
  tests(
    of: "Multiverse",
    ["Architectures", "Artifacts", "Configuration", "Datasets", "Failures", "JSON", "Metrics", "Statistics"],
    in: "Results"),
  tests(
    of: "HTMLReport",
    [
      "Architectures", "Artifacts", "Configuration", "Datasets", "Drawing", "Figures", "JSON", "Metrics",
      "QuantumCircuits", "Reporting", "Statistics", "Training", "VectorMath", "_Browser",
    ], in: "Results"),
  tests(
    of: "DataStages", ["Artifacts", "CommandLineKit", "Datasets", "DatasetSources", "Failures", "Images"], in: "Stages"),
  .testTarget(
    name: "PipelineTests", dependencies: ["Artifacts", "Threads", "_ArtifactSamples", "_TestSupport", "stub-stage"],
    path: "Tests/Tools/PipelineTests",
    swiftSettings: swiftSettings),
  .testTarget(
    name: "ToolTests",
    dependencies: [
      "Artifacts", "Datasets", "Files", "Images", "JSON", "Metrics", "SafeTensors", "Training", "VectorMath",
      "_ArtifactSamples", "_TestSupport",
    ],
    path: "Tests/Tools/ToolTests", swiftSettings: swiftSettings),
]

/// What the packages of the benchmarks and of the fuzzer build on.
let products: [Product] = (base + data + model + training + results + stages + testSupport).map {
  .library(name: $0.name, targets: [$0.name])
}

let package = Package(
  name: "qvit",
  products: products,
  targets: c + base + data + model + training + results + stages + tools + testSupport + stubs + testTargets,
  swiftLanguageModes: [.v6]
)
