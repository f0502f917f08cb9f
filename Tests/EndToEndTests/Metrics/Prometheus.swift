import AsyncHTTPClient
import Foundation
import NIOCore
import TestSupport
import Testing

/// A real Prometheus of a test's own, with this repository's rules.
struct Prometheus {
    struct Rule: Decodable {
        let name: String
        let query: String
        let health: String
        let state: String
        let annotations: [String: String]
        let labels: [String: String]
    }

    private let process: ChildProcess
    private let url: String

    /// Debian's package holds both.
    static let isInstalled = ["prometheus", "promtool"].allSatisfy { program in
        FileManager.default.isExecutableFile(atPath: "/usr/bin/" + program)
    }

    /// - Parameter targets: host and port of each page, by job.
    init(scraping targets: [String: String], in directory: URL) async throws {
        let port = try freePort()
        url = "http://127.0.0.1:\(port)"
        let jobs = targets.sorted { $0.key < $1.key }.map { job, target in
            "  - {job_name: \(job), static_configs: [{targets: ['\(target)']}]}"
        }
        let rules = Deployment.root.appending(path: "deploy/prometheus/alerts.yml").path()
        let settings = """
            global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
            rule_files: ['\(rules)']
            scrape_configs:
            \(jobs.joined(separator: "\n"))
            """
        let file = directory.appending(path: "prometheus.yml")
        try settings.write(to: file, atomically: true, encoding: .utf8)
        process = try ChildProcess(
            "/usr/bin/prometheus",
            [
                "--config.file=\(file.path())", "--storage.tsdb.path=\(directory.appending(path: "tsdb").path())",
                "--web.listen-address=127.0.0.1:\(port)",
            ], directory: directory)
    }

    private struct Vector: Decodable {
        struct Result: Decodable {
            struct Sample: Decodable {
                let number: String

                init(from decoder: any Decoder) throws {
                    var parts = try decoder.unkeyedContainer()
                    _ = try parts.decode(Double.self)
                    number = try parts.decode(String.self)
                }
            }
            let value: Sample
        }
        let result: [Result]
    }

    private struct Groups: Decodable {
        struct Group: Decodable { let rules: [Rule] }
        let groups: [Group]
    }

    private struct Answer<Content: Decodable>: Decodable {
        let status: String
        let data: Content?
        let error: String?
    }

    /// The values of a query's result.
    func values(_ query: String) async throws -> [String] {
        var components = URLComponents()
        components.queryItems = [URLQueryItem(name: "query", value: query)]
        let words = (components.percentEncodedQuery ?? "").replacing("+", with: "%2B")
        let vector: Vector = try await ask("query?" + words)
        return vector.result.map(\.value.number)
    }

    func rules() async throws -> [Rule] {
        let groups: Groups = try await ask("rules")
        return groups.groups.flatMap(\.rules)
    }

    private func ask<Content: Decodable>(_ path: String) async throws -> Content {
        let request = HTTPClientRequest(url: "\(url)/api/v1/\(path)")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 1 << 24)
        let answer = try JSONDecoder().decode(Answer<Content>.self, from: Data(body.readableBytesView))
        return try #require(answer.data, "\(path): \(answer.error ?? "")")
    }
}
