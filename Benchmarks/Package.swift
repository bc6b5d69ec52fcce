// swift-tools-version: 6.2
import PackageDescription

// What measures the students and the teacher (run.py, teacher.py and grid.py are its usual callers). A package of its own, so
// that who wants tables does not compile it.

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
  name: "qvit-benchmarks",
  dependencies: [.package(name: "qvit", path: "..")],
  targets: [
    .target(
      name: "Measurement", dependencies: ["CommandLineKit", "JSON", "VectorMath"].map(qvit), path: "measurement",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "student-benchmark",
      dependencies: ["Measurement"]
        + [
          "Architectures", "Artifacts", "CircuitKernels", "CommandLineKit", "Datasets", "Files", "JSON", "Learners",
          "Losses", "Metrics", "QuantumCircuits", "Threads", "Training", "TransformerKernels", "VectorMath",
          "VisionTransformers",
        ].map(qvit),
      path: "student-benchmark", swiftSettings: swiftSettings),
    .executableTarget(
      name: "teacher-benchmark",
      dependencies: ["Measurement"]
        + [
          "Architectures", "Artifacts", "CommandLineKit", "JSON", "Learners", "Losses", "SafeTensors", "Threads",
          "TinyViT", "TinyViTKernels", "Training", "VectorMath",
        ].map(qvit),
      path: "teacher-benchmark", swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6]
)
