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

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tool(_ name: String) -> Target {
  .executableTarget(name: name, dependencies: ["Artifacts", "CommandLineKit", "Stages"], swiftSettings: swiftSettings)
}

func benchmark(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: ["Artifacts", "CommandLineKit", "Files", "Measurement", "Settings"] + dependencies,
    path: "Benchmarks/\(name)", swiftSettings: swiftSettings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name), "_TestSupport"] + dependencies,
    swiftSettings: swiftSettings)
}

// MARK: C libraries

let cLibraries: [Target] = [
  .systemLibrary(name: "CDigests"),
  .systemLibrary(name: "CLanes"),
  .systemLibrary(name: "CProcessors"),
  .systemLibrary(name: "CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
  .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
  .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
]

// MARK: Library, from the ground up: a target only depends on those above it

let libraries: [Target] = [
  library("Failures"),
  library("Threads"),
  library("Files", ["Failures", "Threads"]),
  library("Digests", ["CDigests"]),
  library("Settings", ["Failures"]),
  library("CommandLineKit", ["Failures", "Files", "Threads"]),
  library("Numerics", ["CLanes", "CProcessors", "Threads"]),
  library("Metrics", ["Failures", "Numerics"]),
  library("QuantumCircuits", ["Numerics"]),
  library("StudentKernels", ["Numerics", "QuantumCircuits"]),
  library("Students", ["StudentKernels", "QuantumCircuits", "Numerics"]),
  library("SafeTensors", ["Failures", "Files", "Settings"]),
  library("TeacherKernels", ["Numerics"]),
  library("TinyViT", ["TeacherKernels", "SafeTensors", "Numerics", "Failures", "Threads"]),
  library("Training", ["Failures", "Metrics", "Numerics", "StudentKernels", "Students", "Threads", "TinyViT"]),
  library("Images", ["Failures", "Files", "CJPEG", "CPNG"]),
  library("Datasets", ["Files", "Digests", "Failures", "Images", "Metrics", "Numerics", "CZlib"]),
  library("Artifacts", ["Datasets", "Files", "Digests", "Failures", "Settings", "Threads", "CHDF5"]),
  library("Reporting", ["Failures", "Metrics"]),
  library(
    "Stages",
    [
      "Artifacts", "CommandLineKit", "Datasets", "Digests", "Failures", "Files", "Images", "Metrics", "Numerics",
      "QuantumCircuits", "Reporting", "Settings", "StudentKernels", "Students", "TinyViT", "Training",
    ]),
]

// MARK: Executables, one per stage and one to check what they leave

let tools = ["prepare-data", "finetune-teacher", "distill", "train", "evaluate", "report", "verify"]

// MARK: Benchmarks

let benchmarks: [Target] = [
  .target(
    name: "Measurement", dependencies: ["CommandLineKit", "Numerics", "Settings"], path: "Benchmarks/measurement",
    swiftSettings: swiftSettings),
  benchmark(
    "student-benchmark",
    ["Datasets", "Metrics", "Numerics", "QuantumCircuits", "StudentKernels", "Students", "Training"]),
  benchmark("teacher-benchmark", ["Numerics", "SafeTensors", "TeacherKernels", "TinyViT", "Training"]),
]

// MARK: Tests

/// Hostile input: mutates what the readers read (docs/hostile-input.md).
let fuzz = Target.executableTarget(
  name: "fuzz",
  dependencies: [
    "Artifacts", "CFuzz", "CHDF5", "CommandLineKit", "CZlib", "Datasets", "Digests", "Failures", "Files", "Images",
    "Numerics", "SafeTensors", "Settings", "Stages", "_ArtifactSamples", "_TestSupport",
  ],
  path: "Tests/fuzz", swiftSettings: swiftSettings)

let testTargets: [Target] = [
  .systemLibrary(name: "CFuzz", path: "Tests/CFuzz"),
  .target(name: "_TestSupport", swiftSettings: swiftSettings),
  .target(
    name: "_ArtifactSamples", dependencies: ["Artifacts", "Datasets", "Files"], path: "Tests/samples",
    swiftSettings: swiftSettings),
  tests(of: "Digests"),
  tests(of: "Settings", ["Failures"]),
  tests(of: "SafeTensors", ["Failures", "Files"]),
  tests(of: "CommandLineKit", ["Failures", "Files"]),
  tests(of: "Numerics"),
  tests(of: "Metrics", ["Failures", "Numerics"]),
  tests(of: "QuantumCircuits", ["Numerics"]),
  tests(of: "Students", ["QuantumCircuits", "Numerics", "StudentKernels"]),
  tests(of: "TeacherKernels", ["Numerics"]),
  tests(of: "TinyViT", ["Failures", "Files", "Numerics", "SafeTensors"]),
  tests(
    of: "Training", ["Failures", "Metrics", "Numerics", "QuantumCircuits", "StudentKernels", "Students", "Threads"]),
  tests(of: "Images", ["Failures", "Files"]),
  tests(of: "Datasets", ["Digests", "Failures", "Files", "Images", "Metrics", "Numerics"]),
  tests(of: "Artifacts", ["CHDF5", "Datasets", "Failures", "Files", "_ArtifactSamples"]),
  tests(of: "Reporting", ["Failures", "Metrics", "Numerics"]),
  tests(of: "Stages", ["Artifacts", "CommandLineKit", "Datasets", "Failures", "Images"]),
  .testTarget(name: "PipelineTests", dependencies: ["Threads", "_TestSupport"], swiftSettings: swiftSettings),
  .testTarget(
    name: "ToolTests",
    dependencies: ["Artifacts", "Datasets", "Files", "Numerics", "_ArtifactSamples", "_TestSupport"],
    swiftSettings: swiftSettings),
]

let package = Package(
  name: "qvit",
  targets: cLibraries + libraries + tools.map(tool) + benchmarks + [fuzz] + testTargets,
  swiftLanguageModes: [.v6]
)
