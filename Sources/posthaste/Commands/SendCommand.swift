import ArgumentParser
import AsyncHTTPClient
import Foundation
import Messaging
import NIOCore
import NIOHTTP1

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Send one message through a running ingress.",
        discussion: """
            Example: posthaste send --from +15551234567 --to +15559876543 "Your code is 123456"

            Prints the message as the ingress answers; with --wait it asks until the message is sent or has failed, \
            and exits 1 when it has failed or is still on its way.
            """)

    @Option(help: "The ingress.") var url = "http://127.0.0.1:8080"
    @Option(help: "sms, mms, email or webhook.") var type = "sms"
    @Option(help: "The sender.") var from: String
    @Option(help: "The recipient: a number, an address, or a URL.") var to: String
    @Option(help: "An email's subject.") var subject: String?
    @Option(help: "An email's HTML part.") var html: String?
    @Option(help: "Media of an MMS; may be repeated.") var attachment: [String] = []
    @Option(help: "high, normal or low.") var priority: String?
    @Option(help: "Seconds after which the message is of no more use.") var expiresIn: Int?
    @Option(help: "A URL that is told what becomes of the message.") var statusCallback: String?
    @Option(help: "Where nobody knows whether it was sent: hold it for a person, or resend it.")
    var onAmbiguous: String?
    @Option(help: "Seconds to wait for the outcome.") var wait: Int?
    @Argument(help: "The text; - reads it from standard input.") var body: String

    func validate() throws {
        guard expiresIn.map((1...604_800).contains) ?? true else {
            throw ValidationError("--expires-in: expected seconds, 604800 at most")
        }
    }

    func run() async throws {
        // Where nobody listens is said at once, not after tries.
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(configuration: configuration)
        do {
            try await send(http)
        } catch {
            try? await http.shutdown()
            throw error
        }
        try await http.shutdown()
    }

    private func send(_ http: HTTPClient) async throws {
        var request = HTTPClientRequest(url: url + "/api/v1/messages/send")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        request.body = .bytes(try encoder.encode(message()))
        let (status, answer) = try await http.answer(to: request)
        guard status == 202 else { throw Refused(status: status, body: answer) }
        guard let wait, let id = try JSONDecoder().decode(Accepted.self, from: Data(answer.utf8)).id else {
            return print(answer)
        }
        try await follow(id, http: http, until: .now + .seconds(wait))
    }

    private func message() -> Outgoing {
        Outgoing(
            from: from, to: to, type: type,
            body: body == "-" ? String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self) : body,
            subject: subject, html: html, attachments: attachment.isEmpty ? nil : attachment,
            priority: priority,
            expiresAt: expiresIn.map {
                Date.now.addingTimeInterval(Double($0)).ISO8601Format(.init(includingFractionalSeconds: true))
            },
            statusCallback: statusCallback, onAmbiguous: onAmbiguous)
    }

    private func follow(_ id: String, http: HTTPClient, until deadline: ContinuousClock.Instant) async throws {
        while true {
            let (code, answer) = try await http.answer(to: HTTPClientRequest(url: "\(url)/api/v1/messages/\(id)"))
            guard code == 200 else { throw Refused(status: code, body: answer) }
            let message = try JSONDecoder().decode(Accepted.self, from: Data(answer.utf8))
            let status = message.status.flatMap(MessageStatus.init)
            let isOver = status?.isSettled ?? false
            guard isOver || ContinuousClock.now >= deadline else {
                try await Task.sleep(for: .milliseconds(200))
                continue
            }
            print(answer)
            guard status == .sent || status == .delivered else { throw ExitCode.failure }
            return
        }
    }
}

private struct Outgoing: Encodable {
    let from, to, type, body: String
    let subject, html: String?
    let attachments: [String]?
    let priority, expiresAt, statusCallback, onAmbiguous: String?
}

private struct Accepted: Decodable {
    let id: String?
    let status: String?
}

/// What the ingress said when it did not take the message.
private struct Refused: Error, CustomStringConvertible {
    let status: UInt
    let body: String

    var description: String { "the ingress answered \(status): \(body)" }
}

extension HTTPClient {
    fileprivate func answer(to request: HTTPClientRequest) async throws -> (status: UInt, body: String) {
        let response = try await execute(request, timeout: .seconds(30))
        return (response.status.code, String(buffer: try await response.body.collect(upTo: 1 << 20)))
    }
}
