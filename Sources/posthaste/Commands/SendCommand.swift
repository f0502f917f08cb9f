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

            Prints the message as the ingress answers; with --wait it waits until the message is sent or has failed, \
            and exits 1 when it has failed or is still on its way. Meanwhile an ingress that has no room, or wants fewer \
            requests, is asked again when it says.

            An API key is taken from POSTHASTE_API_KEY, or from a file.
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
    @Option(help: "All requests with it, for a day, are one; with --wait one is made up.") var idempotencyKey: String?
    @Option(help: "A file with the API key; else POSTHASTE_API_KEY is.") var keyFile: String?
    @Argument(help: "The text; - reads it from standard input.") var body: String

    func validate() throws {
        guard expiresIn.map((1...604_800).contains) ?? true else {
            throw ValidationError("--expires-in: expected seconds, 604800 at most")
        }
        guard wait.map((0...86_400).contains) ?? true else {
            throw ValidationError("--wait: expected seconds, 86400 at most")
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

    /// The request may be made again and again: its idempotency key makes all of them one.
    private func send(_ http: HTTPClient) async throws {
        let deadline = ContinuousClock.now + .seconds(wait ?? 0)
        var request = HTTPClientRequest(url: url + "/api/v1/messages/send")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        if let key = try key() { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        if let key = idempotencyKey ?? wait.map({ _ in UUID().uuidString }) {
            request.headers.add(name: "Idempotency-Key", value: key)
        }
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        request.body = .bytes(try encoder.encode(message()))
        while true {
            let left = max(0, Int((deadline - .now) / .seconds(1)))
            if wait != nil { request.headers.replaceOrAdd(name: "Prefer", value: "wait=\(left)") }
            // It waits for no longer than the ingress lets it.
            let answer = try await http.answer(to: request, within: .seconds(Int64(left) + 30))
            if let pause = try pause(after: answer, until: deadline) {
                try await Task.sleep(for: pause)
                continue
            }
            print(answer.body)
            guard wait != nil else { return }
            guard let status = answer.messageStatus, status == .sent || status == .delivered else {
                throw ExitCode.failure
            }
            return
        }
    }

    /// How long to wait before the request is made again; nil: there is nothing more to wait for.
    private func pause(after answer: Answer, until deadline: ContinuousClock.Instant) throws -> Duration? {
        switch answer.status {
        case 200, 202:
            guard wait != nil, answer.messageStatus?.isSettled != true else { return nil }
            // The ingress waits itself; where it cannot, it is not stormed.
            return ContinuousClock.now + .seconds(1) < deadline ? .seconds(1) : nil
        case 429, 503:
            // Nothing was taken.
            let pause = Duration.seconds(answer.retryAfter ?? 1)
            guard ContinuousClock.now + pause < deadline else { throw Refused(answer) }
            return pause
        default: throw Refused(answer)
        }
    }

    /// Not an argument: everybody sees those.
    private func key() throws -> String? {
        guard let keyFile else {
            return ProcessInfo.processInfo.environment["POSTHASTE_API_KEY"].flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let text = try? String(contentsOfFile: keyFile, encoding: .utf8) else {
            throw ValidationError("--key-file: there is no such file, or it cannot be read")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
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
}

private struct Outgoing: Encodable {
    let from, to, type, body: String
    let subject, html: String?
    let attachments: [String]?
    let priority, expiresAt, statusCallback, onAmbiguous: String?
}

/// What the ingress answers.
private struct Answer {
    let status: UInt
    let body: String
    /// What it asks to wait, in seconds.
    let retryAfter: Int64?

    private struct Message: Decodable {
        let status: String?
    }

    var messageStatus: MessageStatus? {
        (try? JSONDecoder().decode(Message.self, from: Data(body.utf8)))?.status.flatMap(MessageStatus.init)
    }
}

/// What the ingress said when it did not take the message.
private struct Refused: Error, CustomStringConvertible {
    private let answer: Answer

    init(_ answer: Answer) { self.answer = answer }

    var description: String { "the ingress answered \(answer.status): \(answer.body)" }
}

extension HTTPClient {
    fileprivate func answer(to request: HTTPClientRequest, within limit: TimeAmount) async throws -> Answer {
        let response = try await execute(request, timeout: limit)
        return Answer(
            status: response.status.code, body: String(buffer: try await response.body.collect(upTo: 1 << 20)),
            retryAfter: response.headers.first(name: "Retry-After").flatMap { Int64($0) }.map { max(1, $0) })
    }
}
