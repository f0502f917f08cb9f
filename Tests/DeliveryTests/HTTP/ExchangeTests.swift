import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Testing

@testable import Delivery

/// What is known of a request after everything that can happen to it. The doubt must be exact: too little sends twice,
/// too much holds messages that were never sent.
@Suite(.timeLimit(.minutes(5))) struct ExchangeTests {
    private let body = ByteBuffer(string: "x=1")
    private let wall = AddressGuard(allowed: [loopback])

    private func request(_ base: String) throws -> HTTPClient.Request {
        try HTTPClient.Request(url: base + "/p", method: .POST)
    }

    private func failure(_ exchange: Exchange) -> TransportFailure? {
        guard case .failed(let failure) = exchange else { return nil }
        return failure
    }

    @Test func aRefusedConnectionSentNothing() async throws {
        let request = try request("http://127.0.0.1:\(try await TestServer.closedPort())")
        try await withHTTP { http in
            let expected = TransportFailure(requestMayHaveArrived: false, reason: "connection refused")
            let endpoint = try await http.endpoints.exchange(request, body: body, timeout: .seconds(30), guard: wall)
            #expect(failure(endpoint) == expected)
            let vendor = await http.vendors.exchange(request, body: body, timeout: .seconds(30))
            #expect(failure(vendor) == expected)
        }
    }

    @Test func aHandshakeThatNeverEndsSentNothing() async throws {
        try await TestServer.withMute { port in
            try await withHTTP { http in
                let exchange = try await http.endpoints.exchange(
                    try request("https://127.0.0.1:\(port)"), body: body, timeout: .seconds(30), guard: wall)
                #expect(failure(exchange)?.requestMayHaveArrived == false)
            }
        }
    }

    @Test func aDeadlineWhileConnectingSentNothing() async throws {
        try await TestServer.withMute { port in
            try await withHTTP(OutboundHTTP(connectTimeout: .seconds(1))) { http in
                let exchange = try await http.endpoints.exchange(
                    try request("https://127.0.0.1:\(port)"), body: body, timeout: .milliseconds(100), guard: wall)
                #expect(failure(exchange)?.requestMayHaveArrived == false)
            }
        }
    }

    @Test func aDeadlineWhileWaitingForAConnectionSentNothing() async throws {
        try await TestServer.with({ _ in .silence }) { server in
            try await withHTTP(OutboundHTTP(connectionsPerEndpoint: 1)) { http in
                let request = try request(server.base)
                let first = Task {
                    try await http.endpoints.exchange(request, body: body, timeout: .seconds(50), guard: wall)
                }
                _ = await server.nextRequest()
                let second = try await http.endpoints.exchange(
                    request, body: body, timeout: .milliseconds(100), guard: wall)
                #expect(
                    failure(second)
                        == TransportFailure(requestMayHaveArrived: false, reason: "no answer within the time-out"))
                first.cancel()
                #expect(failure(try await first.value)?.requestMayHaveArrived == true)
                #expect(server.received.count == 1)
            }
        }
    }

    @Test(arguments: [
        (Reaction.silence, "no answer within the time-out"),
        (.close, "the connection was closed without an answer"),
    ])
    func aRequestThatArrivedIsInDoubt(reaction: Reaction, reason: String) async throws {
        try await TestServer.with({ _ in reaction }) { server in
            try await withHTTP { http in
                let exchange = await http.vendors.exchange(
                    try request(server.base), body: body, timeout: .seconds(2))
                #expect(failure(exchange) == TransportFailure(requestMayHaveArrived: true, reason: reason))
                #expect(server.received.map(\.text) == ["x=1"])
            }
        }
    }

    @Test func aResetIsInDoubtAndNotRepeated() async throws {
        try await TestServer.with({ _ in .reset }) { server in
            try await withHTTP { http in
                let exchange = await http.vendors.exchange(
                    try request(server.base), body: body, timeout: .seconds(30))
                #expect(failure(exchange)?.requestMayHaveArrived == true)
                #expect(server.received.count == 1)
            }
        }
    }

    @Test func aCancelledRequestThatArrivedIsInDoubt() async throws {
        try await TestServer.with({ _ in .silence }) { server in
            try await withHTTP { http in
                let request = try request(server.base)
                let task = Task { await http.vendors.exchange(request, body: body, timeout: .seconds(50)) }
                _ = await server.nextRequest()
                task.cancel()
                #expect(
                    failure(await task.value)
                        == TransportFailure(
                            requestMayHaveArrived: true, reason: "cancelled because the worker stops or lost its lease")
                )
            }
        }
    }

    @Test func anAnswerThatBreaksOffIsAnAnswer() async throws {
        try await TestServer.with({ _ in .beginAnswer(.created, "half") }) { server in
            try await withHTTP { http in
                let exchange = await http.vendors.exchange(
                    try request(server.base), body: body, timeout: .seconds(2))
                guard case .answered(let answer) = exchange else {
                    Issue.record("\(exchange)")
                    return
                }
                #expect(answer.status == 201)
                #expect(String(buffer: answer.body) == "half")
            }
        }
    }

    @Test func onlyTheBeginningOfALongAnswerIsRead() async throws {
        let long = String(repeating: "a", count: 20_001) + String(repeating: "b", count: 500_000)
        try await TestServer.with({ _ in .answer(.ok, [:], long) }) { server in
            try await withHTTP { http in
                let exchange = await http.vendors.exchange(
                    try request(server.base), body: body, timeout: .seconds(30))
                guard case .answered(let answer) = exchange else {
                    Issue.record("\(exchange)")
                    return
                }
                #expect(answer.body == ByteBuffer(string: String(repeating: "a", count: 20_000)))
            }
        }
    }

    @Test func connectionsAreUsedAgain() async throws {
        try await TestServer.with({ _ in .answer(.ok, [:], String(repeating: "a", count: 20_000)) }) { server in
            try await withHTTP { http in
                for _ in 1...20 {
                    _ = await http.vendors.exchange(try request(server.base), body: body, timeout: .seconds(30))
                }
                // Not always the same: the next request may come before the last connection is back in the pool.
                #expect(server.received.count == 20)
                #expect(Set(server.received.map(\.connection)).count < 10)
            }
        }
    }

    @Test func anEmptyBodyCountsAsSent() async throws {
        try await TestServer.with({ _ in .close }) { server in
            try await withHTTP { http in
                let exchange = await http.vendors.exchange(
                    try request(server.base), body: ByteBuffer(), timeout: .seconds(30))
                #expect(failure(exchange)?.requestMayHaveArrived == true)
            }
        }
    }
}
