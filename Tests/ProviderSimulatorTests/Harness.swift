import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import ProviderSimulator

let account = "AC" + String(repeating: "0a", count: 16)
let service = "MG" + String(repeating: "1f", count: 16)

func basic(_ user: String, _ token: String) -> String {
    "Basic " + Data("\(user):\(token)".utf8).base64EncodedString()
}

/// An answer with its body as JSON (nil: no JSON).
struct Answer {
    let status: Int
    let headers: HTTPFields
    let body: String

    init(_ response: TestResponse) {
        status = response.status.code
        headers = response.headers
        body = String(buffer: response.body)
    }

    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]) ?? [:]
    }
}

extension Simulator {
    /// Runs requests against the router, without a socket.
    static func test(
        _ settings: SimulatorSettings = SimulatorSettings(),
        _ body: @Sendable (any TestClientProtocol, Simulator) async throws -> Void
    ) async throws {
        let simulator = Simulator(settings: settings)
        try await simulator.application(port: 0).test(.router) { try await body($0, simulator) }
    }
}

extension Simulator {
    /// Runs requests against a port; the simulator's own `/webhooks/…` under `base` may receive its callbacks.
    static func live(
        _ settings: SimulatorSettings = .quick,
        _ body: @Sendable (any TestClientProtocol, Simulator, _ base: String) async throws -> Void
    ) async throws {
        let simulator = Simulator(settings: settings)
        try await simulator.application(port: 0).test(.live) { client in
            try await body(client, simulator, "http://localhost:\(try #require(client.port))")
        }
    }

    /// What came to `/webhooks/{name}`, oldest first.
    func told(_ name: String) -> [ReceivedMessage] {
        received.messages(ReceivedFilter(provider: .webhook, to: name)).reversed()
    }
}

extension SimulatorSettings {
    /// Messages are delivered soon.
    static var quick: SimulatorSettings {
        var settings = SimulatorSettings()
        settings.deliversAfter = .milliseconds(30)
        settings.sendGridGathersFor = .milliseconds(10)
        return settings
    }
}

extension ReceivedMessage {
    var form: Form { Form(body.utf8) }
}

extension TestClientProtocol {
    func call(
        _ method: HTTPRequest.Method, _ uri: String, _ headers: HTTPFields = [:], _ body: String? = nil
    ) async throws -> Answer {
        try await execute(uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }) {
            Answer($0)
        }
    }

    func json(_ method: HTTPRequest.Method, _ uri: String, _ body: String) async throws -> Answer {
        try await call(method, uri, [.contentType: "application/json"], body)
    }

    func twilio(
        _ method: HTTPRequest.Method, _ path: String, authorization: String? = nil,
        _ parameters: KeyValuePairs<String, String> = [:]
    ) async throws -> Answer {
        let form = parameters.map { "\(Form.escape($0.key))=\(Form.escape($0.value))" }.joined(separator: "&")
        return try await call(
            method, "/2010-04-01/Accounts/\(account)/\(path)",
            [
                .authorization: authorization ?? basic(account, "token"),
                .contentType: "application/x-www-form-urlencoded",
            ], form)
    }

    func text(_ body: String, to: String = "+14155552671", from: String = "+15005550006") async throws -> Answer {
        try await create(["To": to, "From": from, "Body": body])
    }

    /// A text whose sender wants to know what becomes of it.
    func text(_ body: String, callback: String) async throws -> Answer {
        try await create(["To": "+14155552671", "From": "+15005550006", "Body": body, "StatusCallback": callback])
    }

    func vonage(_ parameters: [String: String], without missing: String? = nil) async throws -> Answer {
        var all = [
            "api_key": "key", "api_secret": "secret", "from": "15005550006", "to": "14155552671", "text": "Hello",
        ].merging(parameters) { $1 }
        if let missing { all[missing] = nil }
        return try await call(
            .post, "/sms/json", [.contentType: "application/x-www-form-urlencoded"],
            Form.encode(all.map { FormField($0.key, $0.value) }))
    }

    func create(
        _ parameters: KeyValuePairs<String, String>, authorization: String? = nil
    ) async throws -> Answer {
        try await twilio(.post, "Messages.json", authorization: authorization, parameters)
    }

    func mail(_ body: String, key: String = "SG.key", type: String = "application/json") async throws -> Answer {
        try await call(.post, "/v3/mail/send", [.authorization: "Bearer \(key)", .contentType: type], body)
    }
}

func email(subject: String = "Hello", to: String = "bob@example.org", extra: String = "") -> String {
    """
    {"personalizations":[{"to":[{"email":"\(to)"}]}],"from":{"email":"ann@example.com"},"subject":"\(subject)",
    "content":[{"type":"text/plain","value":"plain"},{"type":"text/html","value":"<b>bold</b>"}]\(extra)}
    """
}

/// Waits for a condition; fails the test if it does not come true within 20 s.
func eventually(_ what: Comment, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while try await !condition() {
        if ContinuousClock.now > deadline {
            Issue.record("never came true: \(what)")
            return
        }
        try await Task.sleep(for: .milliseconds(5))  // allowed: the pause between two looks at a condition
    }
}
