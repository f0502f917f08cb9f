// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: Swift 6 mode, no warning survives, and the language features the house is written in.
let house: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// NIO
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioFoundationCompat = Target.Dependency.product(name: "NIOFoundationCompat", package: "swift-nio")
// Values
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let metricsTesting = Target.Dependency.product(name: "MetricsTestKit", package: "swift-metrics")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let tracingTesting = Target.Dependency.product(name: "InMemoryTracing", package: "swift-distributed-tracing")
// Services
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")

let package = Package(
    name: "posthaste",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "JobRuntime", targets: ["JobRuntime", "Redis"]),
        .library(name: "JobTesting", targets: ["JobTesting"]),
        .library(name: "Delivery", targets: ["Delivery", "Messaging"]),
        // For the micro-benchmarks, a package of their own.
        .library(name: "Ingress", targets: ["Ingress"]),
        // For the tests: preloaded, it makes a worker's clock jump.
        .library(name: "chaos-clock", type: .dynamic, targets: ["ChaosClock"]),
        .executable(name: "posthaste", targets: ["posthaste"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // An arrow points down this list only.
        .executableTarget(
            name: "posthaste",
            dependencies: [
                "Operations", "Ingress", "Delivery", "Ledger", "Messaging", "JobRuntime", "Postgres", "Redis",
                "ProviderSimulator", "CMalloc", argumentParser, configuration, lifecycle, unixSignals, logging,
                coreMetrics,
                tracing, hummingbird, httpClient, nioHTTP1, nioCore, nioPosix, systemPackage,
            ],
            swiftSettings: house),
        .target(
            name: "Operations",
            dependencies: [
                "Delivery", "Ingress", "JobRuntime", "Ledger", "Messaging", "Postgres", "Redis", coreMetrics,
                httpClient,
                hummingbird, hummingbirdCore, httpTypes, lifecycle, logging, nioCore, nioHTTP1, nioPosix, tracing,
            ],
            swiftSettings: house),
        .target(
            name: "Ingress",
            dependencies: [
                "Delivery", "JobRuntime", "Ledger", "Messaging", "Redis", crypto, hummingbird, hummingbirdCore,
                httpTypes, lifecycle, logging, metrics, tracing, nioCore, nioFoundationCompat, nioHTTP1, nioPosix,
            ],
            resources: [.embedInCode("Access/Limits/Scripts"), .embedInCode("OpenAPI/openapi.yaml")],
            swiftSettings: house),
        .target(
            name: "Delivery",
            dependencies: [
                "CCurl", "JobRuntime", "Messaging", "Redis", httpClient, crypto, logging, metrics, tracing, nioCore,
                nioFoundationCompat, nioHTTP1, nioPosix, nioSSL,
            ],
            resources: [.embedInCode("State/Scripts")],
            swiftSettings: house),
        .target(
            name: "Ledger",
            dependencies: [
                "JobRuntime", "Messaging", "Postgres", crypto, lifecycle, logging, metrics, nioCore,
                nioFoundationCompat,
            ],
            resources: [.embedInCode("Migrations"), .embedInCode("Outbox/outbox.sql")],
            swiftSettings: house),
        .target(name: "Messaging", dependencies: ["JobRuntime", nioCore], swiftSettings: house),
        .target(
            name: "JobRuntime",
            dependencies: ["Redis", lifecycle, unixSignals, logging, metrics, tracing, nioCore, nioFoundationCompat],
            resources: [.embedInCode("RedisStore/Scripts")],
            swiftSettings: house),
        // For the users of the library: a store in memory and a clock that is moved by hand.
        .target(name: "JobTesting", dependencies: ["JobRuntime", lifecycle, logging, nioCore], swiftSettings: house),
        .target(
            name: "Postgres", dependencies: ["CLibpq", crypto, lifecycle, logging, nioCore], swiftSettings: house),
        .target(
            name: "Redis",
            dependencies: ["CHiredis", collections, coreMetrics, crypto, lifecycle, logging, nioCore, nioPosix],
            swiftSettings: house),
        .target(
            name: "ProviderSimulator",
            dependencies: [
                hummingbird, hummingbirdCore, httpTypes, httpClient, crypto, lifecycle, logging, nioCore,
                nioFoundationCompat, nioHTTP1,
            ],
            swiftSettings: house),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CLibpq", linkerSettings: [.linkedLibrary("pq")]),
        .target(name: "CMalloc"),
        .target(name: "CHiredis", linkerSettings: [.linkedLibrary("hiredis")]),

        // What `make bench` runs: the runtime's cycle beside the least that Redis needs for a job.
        .executableTarget(
            name: "runtime-cycle",
            dependencies: ["JobRuntime", "Redis", argumentParser, lifecycle, unixSignals, logging, nioCore],
            path: "Benchmarks/RuntimeCycle", swiftSettings: house),
        .executableTarget(
            name: "ledger-cycle",
            dependencies: [
                "JobRuntime", "Ledger", "Postgres", "Redis", argumentParser, lifecycle, logging, nioCore,
            ],
            path: "Benchmarks/LedgerCycle", swiftSettings: house),
        .executableTarget(
            name: "bare-route", dependencies: [hummingbird], path: "Benchmarks/BareRoute", swiftSettings: house),
        .executableTarget(
            name: "raw-cycle", path: "Benchmarks/RawCycle", linkerSettings: [.linkedLibrary("hiredis")]),

        // Programs to learn from.
        .executableTarget(
            name: "example-first-job", dependencies: ["JobRuntime", "Redis", lifecycle, unixSignals, logging],
            path: "Examples/FirstJob", swiftSettings: house),
        .executableTarget(
            name: "example-reports",
            dependencies: ["JobRuntime", "Redis", argumentParser, lifecycle, logging],
            path: "Examples/Reports", swiftSettings: house),
        .executableTarget(
            name: "example-own-provider",
            dependencies: [
                "Delivery", "JobRuntime", "Messaging", "Redis", httpClient, lifecycle, logging, nioCore,
                nioFoundationCompat, nioHTTP1, nioPosix,
            ],
            path: "Examples/OwnProvider", swiftSettings: house),
        .executableTarget(
            name: "example-outbox", dependencies: ["Postgres", logging], path: "Examples/Outbox", swiftSettings: house),

        // Tests: pure ones by target; real servers in IntegrationTests; real processes in EndToEndTests.
        .target(
            name: "TestSupport", dependencies: ["JobRuntime", "Postgres", "Redis", logging, nioCore, nioPosix],
            path: "Tests/TestSupport", swiftSettings: house),
        // A worker that is killed, stopped and cut off while the jobs of ChaosTests run.
        .executableTarget(
            name: "chaos-worker",
            dependencies: ["JobRuntime", "Redis", argumentParser, lifecycle, unixSignals, logging],
            path: "Tests/ChaosWorker", swiftSettings: house),
        .target(name: "ChaosClock", path: "Tests/ChaosClock"),
        .testTarget(
            name: "ChaosTests",
            dependencies: ["JobRuntime", "Redis", "TestSupport", "chaos-worker", logging, nioCore],
            swiftSettings: house),
        .testTarget(name: "RedisTests", dependencies: ["Redis", nioCore], swiftSettings: house),
        .testTarget(
            name: "JobRuntimeTests",
            dependencies: [
                "JobRuntime", "Redis", "TestSupport", lifecycle, logging, metrics, metricsTesting, tracing,
                tracingTesting, nioCore,
            ],
            swiftSettings: house),
        .testTarget(
            name: "JobTestingTests",
            dependencies: ["JobTesting", "JobRuntime", "Redis", "TestSupport", lifecycle, logging, nioCore],
            swiftSettings: house),
        // What the articles and the README say of the library.
        .testTarget(
            name: "DocumentationTests",
            dependencies: ["JobTesting", "JobRuntime", "Redis", "TestSupport", lifecycle, logging, nioCore],
            swiftSettings: house),
        .testTarget(
            name: "PostgresTests", dependencies: ["Postgres", "TestSupport", lifecycle, logging], swiftSettings: house),
        .testTarget(
            name: "LedgerTests",
            dependencies: [
                "Ledger", "JobRuntime", "Messaging", "Postgres", "Redis", "TestSupport", lifecycle, logging, nioCore,
            ],
            swiftSettings: house),
        .testTarget(name: "MessagingTests", dependencies: ["Messaging", nioCore], swiftSettings: house),
        .testTarget(
            name: "DeliveryTests",
            dependencies: [
                "Delivery", "JobRuntime", "JobTesting", "Messaging", "Redis", "TestSupport", httpClient, crypto,
                logging, metrics, metricsTesting, nioCore, nioHTTP1, nioPosix, nioSSL, nioTLS,
            ],
            swiftSettings: house),
        .testTarget(
            name: "IngressTests",
            dependencies: [
                "Ingress", "Delivery", "JobRuntime", "JobTesting", "Ledger", "Messaging", "Redis", "TestSupport",
                hummingbird, hummingbirdTesting, httpTypes, crypto, lifecycle, logging, nioCore, nioPosix,
            ],
            swiftSettings: house),
        .testTarget(
            name: "ProviderSimulatorTests",
            dependencies: [
                "ProviderSimulator", hummingbird, hummingbirdTesting, httpClient, httpTypes, crypto, nioCore, nioHTTP1,
            ],
            swiftSettings: house),
        .testTarget(
            name: "OperationsTests",
            dependencies: [
                "Operations", "Delivery", "JobRuntime", "Ledger", "Messaging", "Redis", "TestSupport", coreMetrics,
                httpClient, lifecycle, logging, tracing, nioCore, nioHTTP1, nioPosix,
            ],
            swiftSettings: house),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "JobRuntime", "Redis", "TestSupport", lifecycle, logging, metrics, metricsTesting, nioCore, nioPosix,
            ],
            swiftSettings: house),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Delivery", "Ingress", "JobRuntime", "Ledger", "Operations", "Postgres", "Redis", "TestSupport",
                "posthaste",
                "example-first-job", "example-reports",
                httpClient, lifecycle, logging, nioCore, nioHTTP1, nioPosix,
            ],
            swiftSettings: house),
    ]
)
