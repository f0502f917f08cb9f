import AsyncHTTPClient
import Foundation
import Ingress
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import posthaste

/// API keys from their making to their end.
@Suite struct KeysTests {
    private struct Made: Decodable {
        let key: String
        let entry: String
    }

    private func status(_ fleet: Fleet, _ key: String?) async throws -> Int {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(fleet.ingressPort)/api/v1/messages/counts")
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        return Int(try await HTTPClient.shared.execute(request, timeout: .seconds(30)).status.code)
    }

    /// A key is replaced while the ingress runs, and nobody is without one in between.
    @Test func aKeyIsReplacedWithoutARestart() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID())")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("# none yet, but one that nobody has\n\(Self.entry(of: "nobody"))\n".utf8).write(to: file)
        let fleet = try await Fleet(settings: [
            // It is tried with a key that is not taken (any more) until that is so.
            "API_KEYS_FILE": file.path, "AUTH_FAILURES_PER_MINUTE": "100000",
        ])
        #expect(try await status(fleet, nil) == 401)
        let old: Made = try await fleet.answer("keys", "new", "shop", "--scopes", "read")
        let new: Made = try await fleet.answer("keys", "new", "shop", "--scopes", "send,read", "--quota", "5/d")
        #expect(try await status(fleet, old.key) == 401)
        try Data("\(old.entry)\n\(new.entry)\n".utf8).write(to: file, options: .atomic)
        try await eventually("the new one opens") { try await status(fleet, new.key) == 501 }
        #expect(try await status(fleet, old.key) == 501)
        try Data("\(new.entry)\n".utf8).write(to: file, options: .atomic)
        try await eventually("the old one is gone") { try await status(fleet, old.key) == 401 }
        #expect(try await status(fleet, new.key) == 501)

        let shown = try await fleet.operate("keys", "check")
        #expect(shown.code == 0)
        #expect(shown.output == "shop  send+read  tenant shop  quota 5/d\n")
        let refused = try await fleet.operate("keys", "new", "shop", "--rate", "much")
        #expect(refused.code == 64 && refused.output.contains("its rate must be"))
    }

    @Test func theIngressIsOpenToNobodyButThisMachine() async throws {
        let fleet = try await Fleet()
        for (settings, told) in [
            (
                ["ENVIRONMENT": "production", "ALLOWED_HOSTS": "*"], "API_KEYS: expected an API key in production"
            ), (["ENVIRONMENT": "production"], "ALLOWED_HOSTS: expected in production, names"),
            (["API_HOST": "0.0.0.0"], "API_KEYS: expected an API key"), (["API_HOST": "::"], "without a key set"),
            (["API_HOST": "127.0.0.1.example.com"], "API_KEYS: expected"),
            (["API_KEYS": "hunter2"], "API_KEYS: expected entries of API keys (entry 1: expected name"),
            (["API_KEYS_FILE": "/nowhere"], "API_KEYS_FILE: expected a file of API keys (there is no such file"),
            (["API_KEYS": Self.entry(of: "a"), "API_KEYS_FILE": "/nowhere"], "API_KEYS: expected the keys, or"),
        ] {
            let process = try fleet.start("ingress", environment: settings.merging(["API_PORT": "0"]) { $1 })
            #expect(await process.wait() != 0, "\(settings)")
            #expect(process.output.contains(told), "\(process.output)")
            #expect(!process.output.contains("hunter2"))
        }
        let none = try await fleet.operate("keys", "check")
        #expect(none.code == 1)
    }

    private static func entry(of name: String) -> String {
        "\(name):sha256:\(String(repeating: "0", count: 64)):read"
    }
}

/// A limit over two real processes.
@Suite struct RateLimitTests {
    @Test func twoProcessesCountTogether() async throws {
        let fleet = try await Fleet(settings: [
            "RATE_LIMIT_ENABLED": "true", "RATE_LIMIT_REQUESTS": "40", "RATE_LIMIT_PERIOD": "3600",
            "RATE_LIMIT_TIMEOUT_MS": "10000",
        ])
        let port = try freePort()
        let second = try fleet.start("ingress", environment: ["API_PORT": "\(port)"])
        try await eventually("the second one listens") { (try? await get(port, "/health"))?.status.code == 200 }
        let answers = try await withThrowingTaskGroup(of: HTTPClientResponse.self) { group in
            for number in 0..<100 {
                group.addTask {
                    try await get(number.isMultiple(of: 2) ? port : fleet.ingressPort, "/api/v1/messages/counts")
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0.status == .tooManyRequests } == 60)
        #expect(
            answers.filter { $0.status != .tooManyRequests }
                .compactMap { $0.headers.first(name: "X-RateLimit-Remaining").flatMap { Int($0) } }.sorted()
                == Array(0..<40))
        #expect(second.isRunning)
    }

    private func get(_ port: Int, _ path: String) async throws -> HTTPClientResponse {
        try await HTTPClient.shared.execute(
            HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)"), timeout: .seconds(30))
    }
}

/// Settings of keys and limits.
@Suite struct AccessSettingsTests {
    private func settings(_ variables: [String: String]) throws -> Settings {
        try Settings(SettingsReader(variables: variables))
    }

    @Test(arguments: ["127.0.0.1", "127.1.2.3", "localhost", "LOCALHOST", "::1"])
    func aLoopbackAddressMayBeOpen(host: String) throws {
        for environment in ["development", "test"] {
            try settings(["ENVIRONMENT": environment]).checkOpenness(host: host)
        }
        #expect(throws: SettingError.self) { try settings(["ENVIRONMENT": "production"]).checkOpenness(host: host) }
    }

    @Test(arguments: [
        "0.0.0.0", "::", "10.0.0.1", "example.com", "127.0.0.1.example.com", "127.evil", "127.0.0.256", "",
    ])
    func anyOtherMayNot(host: String) throws {
        #expect(throws: SettingError.self) { try settings([:]).checkOpenness(host: host) }
    }

    @Test func aRateHasADefaultAndCanBeOff() throws {
        #expect(try settings([:]).rateLimit()?.description == "100/60")
        #expect(try settings(["RATE_LIMIT_ENABLED": "false"]).rateLimit() == nil)
        #expect(try settings(["RATE_LIMIT_REQUESTS": "7", "RATE_LIMIT_PERIOD": "1"]).rateLimit()?.description == "7/1")
        for (variable, value) in [
            ("RATE_LIMIT_ENABLED", "maybe"), ("RATE_LIMIT_REQUESTS", "0"), ("RATE_LIMIT_PERIOD", "86401"),
        ] {
            let error = #expect(throws: SettingError.self) { _ = try settings([variable: value]).rateLimit() }
            #expect(error?.description.hasPrefix("\(variable): expected ") == true)
        }
    }
}
