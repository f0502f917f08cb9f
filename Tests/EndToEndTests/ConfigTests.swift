import Foundation
import Operations
import TestSupport
import Testing

@testable import posthaste

/// The list of all settings, and what `posthaste config` tells of them.
@Suite struct ConfigTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private static let names = Set(Setting.all.map(\.name))

    /// `A`, `B_C` `_D` is A, B_C and B_D; `X_RATES` `Y_…` is X_RATES and Y_RATES.
    private static func names(inCell cell: Substring) -> [String] {
        var names: [String] = []
        for match in cell.matches(of: /`([A-Z0-9_…]+)`/) {
            let word = String(match.1)
            guard let before = names.last else {
                names.append(word)
                continue
            }
            if word.hasPrefix("_") {
                // As the first of its kind ends.
                let stem = before.split(separator: "_").dropLast().joined(separator: "_")
                names.append(stem + word)
            } else if word.hasSuffix("_…") {
                names.append(word.dropLast(1) + before.split(separator: "_").dropFirst().joined(separator: "_"))
            } else {
                names.append(word)
            }
        }
        return names
    }

    @Test func theReadmeHasEverySettingAndNoOther() throws {
        let readme = try Self.text("README.md")
        let section = try #require(readme.firstRange(of: "### Settings"))
        let rows = readme[section.upperBound...].split(separator: "\n").drop { !$0.hasPrefix("|") }
            .prefix { $0.hasPrefix("|") }.dropFirst(2)
        let told = rows.flatMap { row in Self.names(inCell: row.split(separator: "|")[0]) }
        #expect(Set(told).symmetricDifference(Self.names) == [])
        #expect(told.count == Set(told).count)
    }

    @Test func theExampleHasEverySettingAndNoOther() throws {
        let lines = try Self.text(".env.example").split(separator: "\n")
        let told = lines.compactMap { $0.firstMatch(of: /^#?([A-Z0-9_]+)=/).map { String($0.1) } }
        #expect(Set(told).symmetricDifference(Self.names) == [])
        #expect(told.count == Set(told).count)
    }

    @Test func theListHasWhatIsRead() throws {
        let folder = Self.root.appending(path: "Sources/posthaste/Settings")
        var read: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            guard file.pathExtension == "swift", !file.lastPathComponent.hasPrefix("Setting+") else { continue }
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /(?:text|value|integer|choice|seconds|required)\(\s*"([A-Z0-9_]+)"/) {
                read.insert(String(match.1))
            }
        }
        #expect(read.count > 60)
        #expect(read.subtracting(Self.names) == [])
    }

    @Test func secretsAreMasked() throws {
        func shown(_ name: String, _ value: String) throws -> String { try #require(Setting.named(name)).shown(value) }
        #expect(try shown("TWILIO_AUTH_TOKEN", "hunter2") == "********")
        #expect(try shown("API_PORT", "8080") == "8080")
        #expect(try shown("REDIS_URL", "redis://:hunter2@host:6379/0") == "redis://:********@host:6379/0")
        #expect(try shown("REDIS_URL", "redis://host/1") == "redis://host/1")
        #expect(try shown("REDIS_URL", "hunter2") == "********")
        #expect(
            try shown("DATABASE_URL", "postgres://me:hun@ter2@host/db?sslmode=require&password=hunter2")
                == "postgres://me:********@host/db?sslmode=require&password=********")
        #expect(try shown("PUBLIC_URL", "https://me@example.com/a") == "https://me@example.com/a")
    }

    private func survey(_ variables: [String: String]) async -> SettingsSurvey {
        await SettingsSurvey(SettingsReader(variables: variables))
    }

    @Test func everyProblemIsNamedAndNoneIsShown() async throws {
        let survey = await survey([
            "API_PORT": "hunter2", "ENVIRONMENT": "prod", "LEASE_MS": "hunter2", "MAX_DELIVERIES": "hunter2",
            "REDIS_URL": "hunter2", "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
        ])
        #expect(
            Set(survey.problems.map(\.variable)) == [
                "API_PORT", "ENVIRONMENT", "LEASE_MS", "MAX_DELIVERIES", "REDIS_URL", "TWILIO_AUTH_TOKEN",
            ])
        let text = survey.report.text(onlySet: false)
        #expect(!text.contains("hunter2") && text.contains("LEASE_MS: expected a whole number from 100 to"))
    }

    @Test func theDefaultsCanBeUsed() async throws {
        let standards = Setting.all.compactMap { setting in setting.standard.map { (setting.name, $0) } }
        let survey = await survey(Dictionary(uniqueKeysWithValues: standards))
        #expect(survey.problems == [])
    }

    @Test func slipsAreNoticed() {
        #expect(Setting.nearest(to: "REDIS_ULR") == "REDIS_URL")
        #expect(Setting.nearest(to: "WORKER_CONCURENCY") == "WORKER_CONCURRENCY")
        #expect(Setting.nearest(to: "REDIS_URL") == nil)
        #expect(Setting.nearest(to: "HOME") == nil && Setting.nearest(to: "PATH") == nil)
        #expect(Setting.nearest(to: "POSTGRES_DATABASE") == nil)
    }

    /// As a process has them.
    @Test func aProcessTellsWhereEachSettingComesFrom() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "posthaste-config-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = "# mine\nREDIS_HOST=redis.internal\nREDIS_PASSWORD='hunter2'\nLEASE_MS=5000\nLEASE_SECONDS=5\n"
        try Data(file.utf8).write(to: directory.appending(path: ".env"))
        func config(_ arguments: String..., environment: [String: String] = [:]) async throws -> (Int32, String) {
            let command = try ChildProcess(
                Fleet.executable, ["config"] + arguments, environment: environment, directory: directory)
            return (await command.wait(), command.output)
        }
        let (code, text) = try await config("--set", environment: ["LEASE_MS": "7000", "API_PROT": "1"])
        #expect(code == 0)
        let rows = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(
            rows == [
                "SETTING SOURCE VALUE", "REDIS_HOST .env redis.internal", "REDIS_PASSWORD .env ********",
                "LEASE_MS environment 7000", "LEASE_SECONDS (.env) is no setting",
                "API_PROT (environment) is no setting: is API_PORT meant?",
            ], "\(text)")
        let (bad, json) = try await config("--json", environment: ["LEASE_MS": "soon"])
        #expect(bad == 1 && !json.contains("hunter2") && json.contains(#""name" : "WORKER_PORT""#), "\(json)")
        #expect(json.contains(#""variable" : "LEASE_MS""#))
        #expect(try await config("ingress", environment: ["LEASE_MS": "soon"]).0 == 0)
    }
}
