import AsyncHTTPClient
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import NIOHTTP1
import Testing

@testable import ProviderSimulator

/// What needs a socket: requests that are never answered.
@Suite(.timeLimit(.minutes(5))) struct LiveTests {
    private static func send(_ body: String, port: Int) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: "http://localhost:\(port)/webhooks/live")
        request.method = .POST
        request.body = .bytes(ByteBuffer(string: body))
        return try await HTTPClient.shared.execute(request, timeout: .seconds(60))
    }

    @Test func dropAcceptsThenCloses() async throws {
        let simulator = Simulator()
        try await simulator.application(port: 0).test(.live) { client in
            let port = try #require(client.port)
            await #expect(throws: HTTPClientError.remoteConnectionClosed) {
                try await Self.send("[simulate:drop,times=1]", port: port)
            }
            #expect(
                simulator.received.counts[.webhook]
                    == ReceivedLog.Counts(requests: 1, accepted: 1, unanswered: 1, dropped: 1))
            #expect(simulator.received.messages().first?.status == nil)
            #expect(try await Self.send("[simulate:drop,times=1]", port: port).status == .ok)
        }
    }

    @Test func dripIsSlow() async throws {
        let simulator = Simulator()
        try await simulator.application(port: 0).test(.live) { client in
            let port = try #require(client.port)
            let began = ContinuousClock.now
            let answer = try await Self.send("[simulate:drip=10]", port: port)
            let body = try await answer.body.collect(upTo: 1000)
            #expect(String(buffer: body) == "{\"received\":\"live\"}")
            #expect(ContinuousClock.now - began >= .milliseconds(10 * body.readableBytes))
            // An empty one.
            #expect(try await client.mail(email(subject: "[simulate:drip=10]")).status == 202)
        }
    }

    @Test func aShutDoorResetsWhoComesAndWhoIsThere() async throws {
        let simulator = Simulator()
        try await simulator.application(port: 0).test(.live) { client in
            let port = try #require(client.port)
            #expect(try await Self.send("before", port: port).status == .ok)
            #expect(try await client.json(.put, "/_simulator/listen", "{\"closed_ms\":600000}").status == 202)
            // One on the connection that is open, then on a new one.
            for text in ["open", "new"] {
                await #expect(throws: (any Error).self) { try await Self.send(text, port: port) }
            }
            simulator.door.shut(for: .zero)
            #expect(try await Self.send("after", port: port).status == .ok)
            #expect(simulator.received.messages().map(\.body) == ["after", "before"])
        }
    }

    @Test func hangHoldsUntilTheClientLeaves() async throws {
        let simulator = Simulator()
        try await simulator.application(port: 0).test(.live) { client in
            let port = try #require(client.port)
            let request = Task { try await Self.send("[simulate:hang]", port: port) }
            try await eventually("it hangs") { simulator.faults.hanging == 1 }
            #expect(simulator.received.counts[.webhook]?.unanswered == 1)
            request.cancel()
            try await eventually("it is let go") { simulator.faults.hanging == 0 }
            await #expect(throws: (any Error).self) { try await request.value }
            #expect(try await Self.send("other", port: port).status == .ok)
        }
    }

    @Test func aStopLetsHangingRequestsGo() async throws {
        let simulator = Simulator()
        let request = try await simulator.application(port: 0).test(.live) { client in
            let port = try #require(client.port)
            let request = Task { try await Self.send("[simulate:hang]", port: port) }
            try await eventually("it hangs") { simulator.faults.hanging == 1 }
            return request
        }
        // Returning at all shows that the stop did not wait for it.
        await #expect(throws: HTTPClientError.remoteConnectionClosed) { try await request.value }
        #expect(simulator.faults.hanging == 0)
    }
}
