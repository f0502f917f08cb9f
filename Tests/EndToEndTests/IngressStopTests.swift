import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Redis
import TestSupport
import Testing

/// SIGTERM in the middle of requests that come slowly.
@Suite(.timeLimit(.minutes(5))) struct IngressStopTests {
    private static let count = 50

    @Test func requestsInFlightAreAnsweredAndLogged() async throws {
        let fleet = try await Fleet()
        let port = try freePort()
        // A machine that is busy with other tests is no slow client.
        let ingress = try fleet.start(
            "ingress",
            environment: [
                "API_PORT": "\(port)", "DRAIN_SECONDS": "120", "REQUEST_HEAD_TIMEOUT_SECONDS": "120",
                "REQUEST_BODY_TIMEOUT_SECONDS": "120",
            ])
        try await eventually("it listens") { (try? await Sender.connect(to: port).close()) != nil }

        let body = #"{"from":"+15551234567","to":"+15559876543","type":"sms","body":"slowly"}"#
        let head =
            "POST /api/v1/messages/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.utf8.count)\r\nX-Request-Id: slow"
        var senders: [Sender] = []
        for number in 0..<Self.count {
            let sender = try await Sender.connect(to: port)
            // Every other one is caught in the middle of its head.
            try await sender.send(number.isMultiple(of: 2) ? "\(head)-\(number)\r\n\r\n{" : "\(head)-\(number)\r\n")
            senders.append(sender)
        }
        let last = try await Sender.connect(to: port)
        try await last.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        try await eventually("all that was sent before is there") { last.text.hasPrefix("HTTP/1.1 200") }

        ingress.signal(SIGTERM)
        try await eventually("nobody else is let in") { (try? await Sender.connect(to: port).close()) == nil }
        for (number, sender) in senders.enumerated() {
            for byte in number.isMultiple(of: 2) ? String(body.dropFirst()) : "\r\n" + body {
                try await sender.send(String(byte))
            }
        }
        for sender in senders {
            try await eventually("an answer") { sender.text.hasPrefix("HTTP/1.1 202 ") }
            try await sender.close()
        }
        #expect(await ingress.wait() == 0)
        let names = Set(ingress.output.matches(of: /"id":"slow-(\d+)".*"status":202/).map { String($0.1) })
        #expect(names == Set((0..<Self.count).map { "\($0)" }))
        #expect(try await fleet.redis.command("XLEN", "message_queue:sms").int == Int64(Self.count))
    }
}

/// A client that sends a request as it likes.
private final class Sender: Sendable {
    private let channel: any Channel
    private let received: Locked<String>

    private init(_ channel: any Channel, _ received: Locked<String>) {
        self.channel = channel
        self.received = received
    }

    static func connect(to port: Int) async throws -> Sender {
        let received = Locked("")
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Ear(received))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return Sender(channel, received)
    }

    var text: String { received.value }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    func close() async throws { try? await channel.close() }

    private final class Ear: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let received: Locked<String>

        init(_ received: Locked<String>) { self.received = received }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            received.update { $0 += text }
        }
    }
}
