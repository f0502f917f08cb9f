import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Redis
import TestSupport
import Testing

/// Real workers that are asked how they do while something is done to them.
@Suite(.timeLimit(.minutes(5))) struct HealthTests {
    private struct Asked {
        let code: UInt
        let text: String
    }

    private func ask(_ port: Int, _ path: String) async -> Asked? {
        let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(10)),
            let body = try? await response.body.collect(upTo: 1 << 20)
        else { return nil }
        return Asked(code: response.status.code, text: String(buffer: body))
    }

    private func becomes(_ port: Int, _ path: String, _ code: UInt) async throws {
        var last: Asked?
        let isSo = try await eventually("\(path) answers \(code)", within: .seconds(90)) {
            last = await ask(port, path)
            return last?.code == code
        }
        #expect(isSo, "\(last?.text ?? "no answer")")
    }

    /// Where it tells how it does, as it says itself.
    private func statusPort(of worker: RunningWorker) async throws -> Int {
        var port: Int?
        try await eventually("it says where it tells how it does") {
            port = worker.process.output.firstMatch(of: /address=http:\/\/127\.0\.0\.1:(\d+)/).flatMap { Int($0.1) }
            return port != nil
        }
        return try #require(port)
    }

    private func health(_ fleet: Fleet, _ arguments: String...) async throws -> (code: Int32, output: String) {
        let command = try fleet.start(
            program: Fleet.executable, ["health"] + arguments, environment: [:])
        return (await command.wait(), command.output)
    }

    @Test func aWorkerWithoutRedisIsUnhealthyAndMendsByItself() async throws {
        let fleet = try await Fleet(settings: ["WEDGE_EXIT_SECONDS": "1", "LOG_LEVEL": "info"])
        let worker = try await fleet.startWorker()
        let port = try await statusPort(of: worker)
        try await becomes(port, "/health", 200)
        try await becomes(port, "/ready", 200)
        let (code, output) = try await health(fleet, "worker", "--port", "\(port)", "--ready")
        #expect(code == 0 && output == "worker 127.0.0.1:\(port) healthy, ready\n", "\(output)")

        fleet.redis.freeze()
        try await becomes(port, "/ready", 503)
        try await becomes(port, "/health", 503)
        // For much longer than a worker may be stuck.
        try await eventually("it has not read for 25 s", within: .seconds(90)) {
            let text = await ask(port, "/health")?.text ?? ""
            let seconds = text.firstMatch(of: /message_queue:sms has not been read for (\d+) s/).flatMap { Int($0.1) }
            return (seconds ?? 0) >= 25
        }
        let bad = try await health(fleet, "worker", "--port", "\(port)")
        #expect(bad.code == 1 && bad.output.contains("unhealthy, unavailable: "), "\(bad.output)")
        #expect(worker.process.isRunning)

        fleet.redis.thaw()
        try await becomes(port, "/health", 200)
        try await becomes(port, "/ready", 200)
        let id = try await fleet.send(["from": "+15551234567", "to": "+15557654321", "type": "sms", "body": "again"])
        try await eventually("it is sent") { try await fleet.message(id).status == "sent" }
        #expect(worker.process.isRunning)
        #expect(worker.process.output.contains("This worker gets on again"))
    }

    @Test func aWorkerThatDoesNotReadThoughRedisAnswersExits() async throws {
        let fleet = try await Fleet(settings: ["WEDGE_EXIT_SECONDS": "2", "LOG_LEVEL": "info"])
        let (proxy, _) = try await fleet.redis.proxied()
        let worker = try await fleet.startWorker(["REDIS_URL": "redis://127.0.0.1:\(proxy.port)/0"])
        let port = try await statusPort(of: worker)
        try await becomes(port, "/ready", 200)
        await proxy.swallow(after: "XREADGROUP")
        try await becomes(port, "/health", 503)
        let status = await worker.process.wait()
        #expect(status == 70)
        let line = worker.process.output.split(separator: "\n").first { $0.contains("This worker is stuck") } ?? ""
        #expect(line.contains("critical") && line.contains("message_queue:sms has not been read for"), "\(line)")
        // It has left nothing behind.
        #expect(try await fleet.redis.command("KEYS", "worker:*").array?.isEmpty == true)
    }

    @Test func whereNobodyAnswersTheCheckFails() async throws {
        let fleet = try await Fleet()
        let port = try freePort()
        let nobody = try await health(fleet, "worker", "--port", "\(port)")
        #expect(nobody.code == 1 && nobody.output == "worker 127.0.0.1:\(port) nobody answers\n", "\(nobody.output)")
        let ingress = try await health(fleet, "ingress", "--ready")
        #expect(
            ingress.code == 0 && ingress.output == "ingress 127.0.0.1:\(fleet.ingressPort) healthy, ready\n",
            "\(ingress.output)")
        // Something else that answers is not taken for one.
        let other = try await health(fleet, "worker", "--port", "\(fleet.simulatorPort)")
        #expect(other.code == 1 && other.output.contains("does not answer"), "\(other.output)")
    }
}
