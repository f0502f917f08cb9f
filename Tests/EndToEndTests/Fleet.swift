import AsyncHTTPClient
import Foundation
import JobRuntime
import NIOCore
import NIOHTTP1
import Redis
import TestSupport
import Testing

/// A whole Posthaste of real processes: a private Redis, the simulator, an ingress, and workers as the test wants.
final class Fleet: Sendable {
    let redis: PrivateRedis
    let ingressPort: Int
    let simulatorPort: Int
    private let environment: [String: String]
    private let processes = Locked<[ChildProcess]>([])

    /// What the ingress has written so far, its access log included.
    var ingressOutput: String { processes.value[1].output }

    /// What all of its processes have written so far.
    var output: String { processes.value.map(\.output).joined(separator: "\n") }

    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    /// - Parameters:
    ///   - lease: how long a dead worker's messages wait.
    ///   - settings: more of all processes.
    init(lease: Duration = .seconds(2), settings: [String: String] = [:]) async throws {
        redis = try await PrivateRedis()
        ingressPort = try freePort()
        simulatorPort = try freePort()
        let simulator = "http://127.0.0.1:\(simulatorPort)"
        let usual = [
            "REDIS_URL": redis.url, "API_PORT": "\(ingressPort)", "LOG_LEVEL": "debug",
            // Tests send and ask more than any client.
            "RATE_LIMIT_ENABLED": "false",
            // Any that is free.
            "WORKER_PORT": "0",
            "LEASE_MS": "\(lease.components.seconds * 1000)", "WORKER_CONCURRENCY": "20",
            "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000", "TWILIO_AUTH_TOKEN": "token",
            "TWILIO_BASE_URL": simulator, "SENDGRID_API_KEY": "SG.key.key", "SENDGRID_BASE_URL": simulator,
            "WEBHOOK_SECRET": Self.secret, "WEBHOOK_ALLOW_CIDRS": "127.0.0.0/8",
        ]
        environment = usual.merging(settings) { $1 }
        _ = try start("simulate", "--port", "\(simulatorPort)", "--webhook-secret", Self.secret)
        let ingress = try start("ingress")
        try await eventually("the ingress is ready") { (try? await get("/ready"))?.status == 200 }
        try #require(ingress.isRunning, "\(ingress.output)")
        try await eventually("the simulator answers") { (try? await simulated("counts")) != nil }
    }

    deinit {
        for process in processes.value where process.isRunning { process.signal(SIGKILL) }
    }

    /// Starts one of posthaste's commands.
    func start(_ arguments: String..., environment extra: [String: String] = [:]) throws -> ChildProcess {
        try start(program: Self.executable, arguments, environment: extra)
    }

    /// Starts a program with the settings of this Posthaste.
    func start(
        program: String, _ arguments: [String], environment extra: [String: String] = [:]
    ) throws -> ChildProcess {
        let process = try ChildProcess(
            program, arguments, environment: environment.merging(extra) { $1 }, directory: redis.directory)
        processes.update { $0.append(process) }
        return process
    }

    /// Starts a worker and waits until it says what it is called.
    func startWorker(_ extra: [String: String] = [:]) async throws -> RunningWorker {
        let process = try start("worker", environment: extra)
        var consumer = ""
        try await eventually("the worker has a name") {
            consumer = process.output.firstMatch(of: /consumer"?[=:]"?([^\s",]+)/).map { String($0.1) } ?? ""
            return !consumer.isEmpty
        }
        return RunningWorker(process: process, consumer: consumer)
    }

    static let executable = ChildProcess.product("posthaste")
}

/// A worker process and the name it has in the groups.
struct RunningWorker {
    let process: ChildProcess
    let consumer: String
}

// MARK: What a client does

extension Fleet {
    struct Answer {
        let status: UInt
        let headers: HTTPHeaders
        let body: Data

        func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
            try JSONDecoder().decode(type, from: body)
        }
    }

    struct Message: Decodable, Equatable {
        struct Event: Decodable, Equatable {
            let event: String
            let worker: String?
            let deliveries: Int?
        }
        let id: String
        let type: String
        let status: String
        let attempts: Int
        let timeline: [Event]?
    }

    func get(_ path: String) async throws -> Answer {
        try await answer(HTTPClientRequest(url: "http://127.0.0.1:\(ingressPort)\(path)"))
    }

    func post(_ json: [String: Any]) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(ingressPort)/api/v1/messages/send")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(try JSONSerialization.data(withJSONObject: json))
        return try await answer(request)
    }

    private func answer(_ request: HTTPClientRequest) async throws -> Answer {
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 1 << 24)
        return Answer(status: response.status.code, headers: response.headers, body: Data(body.readableBytesView))
    }

    /// Sends a message that must be accepted.
    ///
    /// - Returns: its id.
    func send(_ json: [String: Any]) async throws -> String {
        let answer = try await post(json)
        try #require(answer.status == 202, "\(String(decoding: answer.body, as: UTF8.self))")
        return try answer.decoded(as: Message.self).id
    }

    /// Sends text messages, each with a body of its own, so that a repetition shows at the provider.
    func sendTexts(_ count: Int, directive: String = "") async throws -> [String] {
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<count {
                group.addTask {
                    try await self.send([
                        "from": "+15551234567", "to": "+15559876543", "type": "sms",
                        "body": "text \(number) \(UUID()) \(directive)",
                    ])
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    func message(_ id: String) async throws -> Message {
        try await get("/api/v1/messages/\(id)").decoded()
    }

    /// Waits until every message is sent.
    func allSent(_ ids: [String], within bound: Duration = .seconds(60)) async throws {
        var left = ids
        try await eventually("all \(ids.count) messages are sent", within: bound) {
            while let id = left.last, try await message(id).status == "sent" { left.removeLast() }
            return left.isEmpty
        }
    }
}

// MARK: What is seen

extension Fleet {
    struct Counts: Decodable {
        struct Provider: Decodable { let accepted: Int }
        let twilio, sendgrid, webhook: Provider
    }

    struct Duplicate: Decodable {}

    func simulated(_ what: String) async throws -> Answer {
        try await answer(HTTPClientRequest(url: "http://127.0.0.1:\(simulatorPort)/_simulator/\(what)"))
    }

    func counts() async throws -> Counts { try await simulated("counts").decoded() }

    /// Runs `posthaste pending --json`.
    func pending() async throws -> [QueuePending] {
        let process = try start("pending", "--json", environment: ["LOG_LEVEL": "error"])
        try #require(await process.wait() == 0, "\(process.output)")
        return try JSONDecoder().decode([QueuePending].self, from: Data(process.output.utf8))
    }

    /// How many entries a consumer holds of the queue of text messages; none before the group is made.
    func held(by consumer: String) async throws -> Int {
        do {
            let rows = try await redis.command(
                "XPENDING", "message_queue:sms", KeySpace.group, "-", "+", "10000", consumer)
            return rows.array?.count ?? 0
        } catch let error as RedisError where error.serverCode == "NOGROUP" {
            return 0
        }
    }

    /// Nothing waits and nothing is pending, in any queue.
    func expectEmptyQueues(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for queue in try await pending() {
            #expect(
                queue.depth == 0 && queue.pending == 0 && queue.retrying == 0 && queue.dead == 0,
                "\(queue)", sourceLocation: sourceLocation)
        }
    }
}

extension PrivateRedis {
    /// One command on a connection of its own.
    func command(_ words: String...) async throws -> RedisValue {
        let connection = try await RedisConnection.connect(configuration)
        var command = RedisCommand()
        for word in words { command.append(word) }
        do {
            let value = try await connection.send(command)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }
}
