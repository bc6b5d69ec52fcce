// swift-tools-version: 6.2
import PackageDescription

// Hostile input: mutates what the readers read (docs/hostile-input.md). A package of its own, so that who wants tables or
// runs the other tests does not compile it.

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

func qvit(_ module: String) -> Target.Dependency { .product(name: module, package: "qvit") }

let package = Package(
  name: "qvit-fuzz",
  dependencies: [.package(name: "qvit", path: "../..")],
  targets: [
    .systemLibrary(name: "CFuzz", path: "CFuzz"),
    .executableTarget(
      name: "fuzz",
      dependencies: ["CFuzz"]
        + [
          "Artifacts", "CommandLineKit", "Configuration", "DataStages", "DatasetSources", "Datasets", "Digests",
          "Failures", "Files", "Images", "JSON", "Metrics", "PlanStages", "ReportStages", "SafeTensors", "StageSupport",
          "Training", "TrainingStages", "VectorMath", "_ArtifactSamples", "_TestSupport",
        ].map(qvit),
      path: "fuzz", swiftSettings: swiftSettings),
    .testTarget(
      name: "FuzzTests", dependencies: ["fuzz", qvit("_TestSupport")], path: "FuzzTests", swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6]
)
