// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who uses Posthaste has to resolve what it is measured with. scripts/bench-micro
// builds and runs it, with -enable-testing: what is measured is not public.

let package = Package(
    name: "micro",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "posthaste", path: "../.."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // Without its traits: they count allocations, for which they would put a library below malloc.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "MicroBenchmarks",
            dependencies: [
                .product(name: "Ingress", package: "posthaste"),
                .product(name: "JobRuntime", package: "posthaste"),
                .product(name: "JobTesting", package: "posthaste"),
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            // The plugin finds the targets whose folder lies in one that is called Benchmarks.
            path: ".", sources: ["Sources"],
            swiftSettings: [
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    ]
)
