import AsyncHTTPClient
import Foundation
import Ingress
import JobRuntime
import NIOCore
import NIOHTTP1
import Redis
import TestSupport
import Testing

// MARK: What a client does that knows more of the API

extension Fleet {
    static let text = ["from": "+15551234567", "to": "+15559876543", "type": "sms"]

    var url: String { "http://127.0.0.1:\(ingressPort)" }

    /// Makes a request of the ingress.
    func call(
        _ method: HTTPMethod, _ path: String, _ body: String? = nil, headers: [String: String] = [:],
        within limit: TimeAmount = .seconds(60)
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: limit)
        let data = try await response.body.collect(upTo: 1 << 24)
        return Answer(status: response.status.code, headers: response.headers, body: Data(data.readableBytesView))
    }

    /// Sends a text message with headers of the test's.
    func text(
        _ body: String, headers: [String: String] = [:], within limit: TimeAmount = .seconds(60)
    ) async throws -> Answer {
        let document = try JSONSerialization.data(withJSONObject: Self.text.merging(["body": body]) { $1 })
        return try await call(
            .POST, "/api/v1/messages/send", String(decoding: document, as: UTF8.self), headers: headers, within: limit)
    }

    /// How many entries a queue of messages has, waiting or being sent.
    func depth(_ queue: String = "message_queue:sms") async throws -> Int64? {
        try await redis.command("XLEN", queue).int
    }
}

extension Fleet.Answer {
    var text: String { String(decoding: body, as: UTF8.self) }
    var retryAfter: Int? { headers.first(name: "Retry-After").flatMap { Int($0) } }
}

/// A key as its holder has it, and its entry as the ingress has it.
struct TestKey {
    let entry: String
    let headers: [String: String]
    let text: String

    init(_ name: String, scopes: String = "send+read") {
        text = KeyText.random()
        entry = "\(name):sha256:\(KeyDigest(of: text).hex):\(scopes)"
        headers = ["Authorization": "Bearer \(text)"]
    }
}
