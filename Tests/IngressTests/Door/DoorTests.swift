import Delivery
import Foundation
import HTTPTypes
import JobRuntime
import NIOCore
import TestSupport
import Testing

@testable import Ingress

@Suite struct DoorTests {
    @Test func eachAnswerHasANameOfItsRequest() async throws {
        let client = Client()
        let first = try #require(try await client.get("/health").headers[.requestID])
        let second = try #require(try await client.get("/nothing").headers[.requestID])
        #expect(first.count == 32 && second.count == 32 && first != second)
        let given = try await client.execute(.get, "/nothing", headers: [.requestID: "order-1_2.3"])
        #expect(given.headers[.requestID] == "order-1_2.3")
        #expect(try given.object()["request_id"] == "order-1_2.3")
    }

    @Test(arguments: ["", "a b", "\"", "é", String(repeating: "x", count: 129)])
    func aNameThatCannotBeWrittenAnywhereIsNotTaken(name: String) async throws {
        #expect(!RequestID.isSafe(name))
        let answer = try await Client().execute(.get, "/health", headers: [.requestID: name])
        #expect(answer.headers[.requestID]?.count == 32)
    }

    @Test func answersAreForProgramsOnly() async throws {
        var client = Client()
        for path in ["/health", "/nothing"] {
            let headers = try await client.get(path).headers
            #expect(headers[.xContentTypeOptions] == "nosniff")
            #expect(headers[.contentSecurityPolicy] == "default-src 'none'; frame-ancestors 'none'")
            #expect(headers[.referrerPolicy] == "no-referrer")
            #expect(headers[.cacheControl] == "no-store")
            #expect(headers[.strictTransportSecurity] == nil)
        }
        client.callbacks.publicURL = "https://api.example.com"
        #expect(try await client.get("/health").headers[.strictTransportSecurity] == "max-age=31536000")
    }

    @Test func onlyItsOwnHostsAreServed() async throws {
        var client = Client()
        client.settings.allowedHosts = try #require(AllowedHosts(parsing: "api.example.com"))
        let answer = try await client.get("/api/v1/messages")
        #expect(answer.status == 421)
        #expect(try answer.problem().detail.contains("ALLOWED_HOSTS"))
        #expect(try await client.get("/health").status == 200)
        #expect(try await client.get("/ready").status == 200)
    }

    @Test(arguments: [
        ("api.example.com", true), ("API.example.com:8080", true), ("api.example.com.", true), ("example.com", false),
        ("example.org", true), ("a.b.example.org:1", true), ("badexample.org", false), ("", false), ("[::1]:80", true),
        ("[::1]", true), ("[::2]", false), ("api.example.com@evil", false),
    ]) func hosts(authority: String, isServed: Bool) throws {
        let hosts = try #require(AllowedHosts(parsing: "api.example.com, .example.org,[::1]"))
        #expect(hosts.contains(authority) == isServed)
        #expect(AllowedHosts.all.contains(authority))
    }

    @Test(arguments: ["", ",", "http://a", "a/b", "a b?", "."]) func whatIsNoListOfHosts(text: String) {
        #expect(AllowedHosts(parsing: text) == nil)
    }

    @Test func theHostOfAnAddress() throws {
        let hosts = try #require(AllowedHosts(ofURL: "https://api.example.com:8443/x?y"))
        #expect(hosts.contains("api.example.com"))
        #expect(!hosts.contains("other.example.com"))
    }

    @Test func bodiesShareOneMemory() async throws {
        let notes = RequestNotes()
        let budget = BodyBudget(1000)
        #expect(notes.reserve(600, of: budget))
        #expect(notes.reserve(900, of: budget))
        #expect(budget.taken == 900)
        var other: RequestNotes? = RequestNotes()
        #expect(other?.reserve(101, of: budget) == false)
        #expect(budget.taken == 900)
        #expect(other?.reserve(100, of: budget) == true)
        other = nil
        #expect(budget.taken == 900)
    }

    @Test func whereThereIsNoMemoryForABodyItIsRefusedBeforeItIsRead() async throws {
        try await withIngress {
            $0.bodyMemory = 1 << 20
        } _: { ingress in
            let send = "POST /api/v1/messages/send HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            let first = try await ingress.connect()
            try await first.send(send + "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n")
            try await eventually("its body is asked for") { first.text.hasPrefix("HTTP/1.1 100 ") }
            let words = try await ingress.lastWords(to: send + "Content-Length: 100000\r\n\r\n{")
            #expect(words.hasPrefix("HTTP/1.1 503 "))
            #expect(words.lowercased().contains("retry-after: 2"))
            await first.close()
            try await eventually("it is given back") {
                let wire = try await ingress.connect()
                try await wire.send(send + "Content-Length: 100000\r\nExpect: 100-continue\r\n\r\n")
                try await eventually("an answer") { wire.answers > 0 }
                await wire.close()
                return wire.text.hasPrefix("HTTP/1.1 100 ")
            }
        }
    }

    @Test func aBodyInChunksIsCountedAsItComes() async throws {
        try await withIngress {
            $0.bodyMemory = 1 << 20
        } _: { ingress in
            let send = "POST /api/v1/messages/send HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            let wire = try await ingress.connect()
            let filler = String(repeating: " ", count: 1 << 16)
            // The connection is ended when it becomes too much, perhaps before all is sent.
            try? await wire.send(
                send + "Transfer-Encoding: chunked\r\n\r\n" + String(repeating: "10000\r\n\(filler)\r\n", count: 20))
            try await eventually("it is refused") { wire.text.hasPrefix("HTTP/1.1 503 ") }
            await wire.close()
        }
    }
}

@Suite struct TraceContextTests {
    private static let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func itGoesWithTheJob() async throws {
        let client = Client()
        let headers: HTTPFields = [
            .contentType: "application/json", .traceparent: Self.parent,
            .tracestate: "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
        ]
        let body = ByteBuffer(string: SendRouteTests.sms)
        #expect(try await client.execute(.post, "/api/v1/messages/send", headers: headers, body: body).status == 202)
        #expect(try await client.send(SendRouteTests.sms).status == 202)
        let traces = client.jobs.map(\.meta.trace)
        #expect(
            traces == [["traceparent": Self.parent, "tracestate": "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"], [:]])
    }

    @Test(arguments: [
        (parent, true), ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", true),
        (parent + "-more", false), ("ff" + parent.dropFirst(2), false), (parent.uppercased(), false),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false), (String(parent.dropLast()), false),
        ("", false), ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more", false),
    ]) func parents(text: String, isTaken: Bool) throws {
        let trace = TraceContext([.traceparent: text])
        #expect((trace?.parent == text) == isTaken)
        if let trace, text == Self.parent { #expect(trace.id == "4bf92f3577b34da6a3ce929d0e0e4736") }
    }

    @Test(arguments: [
        ("a=1", true), ("a=1, b=2 ,", true), ("=1", false), ("a", false), ("", false),
        (Array(repeating: "a=1", count: 33).joined(separator: ","), false),
        ("a=" + String(repeating: "x", count: 511), false),
    ]) func states(text: String, isTaken: Bool) throws {
        let headers: HTTPFields = [
            .traceparent: Self.parent, .tracestate: text,
        ]
        let trace = try #require(TraceContext(headers))
        #expect((trace.state != nil) == isTaken)
    }
}

@Suite struct TrustedProxiesTests {
    private static func fields(_ forwardedFor: String?, _ forwarded: String? = nil) -> HTTPFields {
        var fields = HTTPFields()
        fields[.forwardedFor] = forwardedFor
        fields[.forwarded] = forwarded
        return fields
    }

    @Test(
        arguments: [
            // Nobody is trusted who is not named.
            ("203.0.113.9", "198.51.100.1", nil, "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1", nil, "198.51.100.1"),
            // What stands before an address that is not trusted is its own word.
            ("10.0.0.1", "1.1.1.1, 198.51.100.1", nil, "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1, 10.0.0.2", nil, "198.51.100.1"),
            ("10.0.0.1", "10.0.0.3, 10.0.0.2", nil, "10.0.0.3"), ("10.0.0.1", "rubbish", nil, "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1, ", nil, "10.0.0.1"), ("10.0.0.1", nil, nil, "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1:4711", nil, "198.51.100.1"),
            ("::ffff:10.0.0.1", "198.51.100.1", nil, "198.51.100.1"),
            ("10.0.0.1", nil, "for=198.51.100.1;proto=https", "198.51.100.1"),
            ("10.0.0.1", nil, "for=1.1.1.1, For=\"198.51.100.1:80\"", "198.51.100.1"),
            ("10.0.0.1", nil, "for=_hidden", "10.0.0.1"), ("10.0.0.1", nil, "proto=https", "10.0.0.1"),
            // One of the two is the client's own word, and which is not known.
            ("10.0.0.1", "198.51.100.1", "for=1.1.1.1", "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1", "for=198.51.100.1", "198.51.100.1"),
        ] as [(String, String?, String?, String)])
    func theClient(peer: String, forwardedFor: String?, forwarded: String?, client: String) throws {
        let proxies = TrustedProxies([try AddressRange(parsing: "10.0.0.0/8")])
        let found = proxies.client(Self.fields(forwardedFor, forwarded), peer: IPAddress(parsing: peer))
        #expect(found == IPAddress(parsing: client))
    }

    @Test func anIPv6ClientWithAPort() throws {
        let proxies = TrustedProxies([try AddressRange(parsing: "fd00::/8")])
        let peer = IPAddress(parsing: "fd00::1")
        let client = IPAddress(parsing: "2001:db8::17")
        #expect(proxies.client(Self.fields("[2001:db8::17]:4711"), peer: peer) == client)
        #expect(proxies.client(Self.fields("2001:db8::17"), peer: peer) == client)
        #expect(proxies.client(Self.fields(nil, "for=\"[2001:db8::17]:4711\""), peer: peer) == client)
        #expect(proxies.client(Self.fields("2001:db8::17"), peer: nil) == nil)
    }
}
