import HTTPTypes
import Messaging
import NIOCore
import Testing

@testable import Ingress

@Suite struct SuppressionRouteTests {
    private static let path = "/api/v1/suppressions"
    private static let stopped = Suppression(address: "+15551234567", kind: .phone, reason: .stop, at: 1000)

    private func client(_ list: [Suppression] = [stopped], isBroken: Bool = false) -> Client {
        var client = Client()
        client.suppressions = FakeSuppressions(list, isBroken: isBroken)
        return client
    }

    private func post(_ json: String, to client: Client) async throws -> Answer {
        try await client.execute(
            .post, Self.path, headers: [.contentType: "application/json"], body: ByteBuffer(string: json))
    }

    @Test(arguments: ["+15551234567", "%2B15551234567"]) func oneIsFound(address: String) async throws {
        let answer = try await client().get("\(Self.path)/phone/\(address)")
        #expect(answer.status == 200)
        #expect(
            try answer.object() == [
                "kind": "phone", "address": "+15551234567", "reason": "stop",
                "created_at": "1970-01-01T00:00:01.000Z",
            ])
    }

    @Test(arguments: ["phone/+15551234568", "email/+15551234567", "fax/+15551234567", "phone/%2", "phone/%FF"])
    func oneThatIsNotThere(place: String) async throws {
        for method in [HTTPRequest.Method.get, .delete] {
            let client = client()
            let answer = try await client.execute(method, "\(Self.path)/\(place)")
            #expect(answer.status == 404)
            _ = try answer.problem()
            #expect(client.suppressions.all == [Self.stopped])
        }
    }

    @Test func addressesAreComparedInTheirForm() async throws {
        let client = client([])
        #expect(try await post(#"{"kind":"email","address":"Ann@Example.ORG"}"#, to: client).status == 201)
        #expect(client.suppressions.all.map(\.address) == ["ann@example.org"])
        #expect(try await client.get("\(Self.path)/email/ANN%40example.org").status == 200)
        #expect(try await client.execute(.delete, "\(Self.path)/email/ann@EXAMPLE.org").status == 204)
        #expect(client.suppressions.all.isEmpty)
    }

    @Test func aWebAddressIsOneComponentOfThePath() async throws {
        let client = client([])
        #expect(try await post(#"{"kind":"webhook","address":"https://e.co/a?b=%20"}"#, to: client).status == 201)
        #expect(try await client.get("\(Self.path)/webhook/https%3A%2F%2Fe.co%2Fa%3Fb%3D%2520").status == 200)
    }

    @Test func whatIsAddedIsThereNow() async throws {
        let client = client([])
        let answer = try await post(#"{"kind":"phone","address":"+15551234567"}"#, to: client)
        #expect(answer.status == 201)
        #expect(try answer.object()["reason"] == "manual")
        #expect(try answer.object()["created_at"]?.string != nil)
        #expect(client.suppressions.all.map(\.reason) == [.manual])
        #expect(client.suppressions.all.allSatisfy { ($0.at ?? 0) > 1_700_000_000_000 })
    }

    @Test func whatWasThereStaysAsItIs() async throws {
        let client = client()
        let json = #"{"kind":"phone","address":"+15551234567","reason":"opted_out"}"#
        let answer = try await post(json, to: client)
        #expect(answer.status == 200)
        #expect(try answer.object()["reason"] == "stop")
        #expect(client.suppressions.all == [Self.stopped])
    }

    @Test(arguments: [
        ("{}", ["/kind", "/address"]), (#"{"kind":"fax","address":"x"}"#, ["/kind"]),
        (#"{"kind":"phone","address":"ann@example.org"}"#, ["/address"]),
        (#"{"kind":"email","address":"+15551234567"}"#, ["/address"]),
        (#"{"kind":"webhook","address":"ftp://e.co"}"#, ["/address"]),
        (#"{"kind":"phone","address":"+15551234567","reason":"boredom","why":1}"#, ["/reason", "/why"]),
        (#"{"kind":1,"address":["x"]}"#, ["/kind", "/address"]), ("[]", [""]),
        (#"{"kind":"email","address":"a@b.co\u0000"}"#, ["/address"]),
    ])
    func aFaultyOneIsRefused(json: String, pointers: [String]) async throws {
        let client = client([])
        let answer = try await post(json, to: client)
        #expect(answer.status == 422)
        let problem = try answer.problem()
        #expect(problem.type == "urn:posthaste:problem:invalid-suppression")
        #expect(problem.pointers == pointers)
        #expect(client.suppressions.all.isEmpty)
    }

    @Test func whatIsNoJSONIsRefused() async throws {
        #expect(try await post("{", to: client()).status == 400)
        #expect(try await client().execute(.post, Self.path, body: ByteBuffer(string: "{}")).status == 415)
    }

    @Test func theListIsReadPageByPage() async throws {
        let phones = (1...5).map { Suppression(address: "+1555000000\($0)", kind: .phone, reason: .manual) }
        let client = client(phones + [Suppression(address: "a@b.co", kind: .email, reason: .dropped)])
        var (found, cursor): ([JSON], String?) = ([], nil)
        repeat {
            let answer = try await client.get("\(Self.path)?kind=phone" + (cursor.map { "&cursor=\($0)" } ?? ""))
            #expect(answer.status == 200)
            guard case .array(let page) = try answer.object()["suppressions"] else {
                Issue.record("no list")
                return
            }
            found += page
            cursor = try answer.object()["next_cursor"]?.string
        } while cursor != nil
        #expect(
            found
                == phones.map {
                    ["kind": "phone", "address": .string($0.address), "reason": "manual", "created_at": nil]
                })
    }

    @Test(arguments: [
        "", "?kind=", "?kind=fax", "?cursor=0", "?kind=phone&cursor=", "?kind=phone&cursor=-1",
        "?kind=phone&cursor=x", "?kind=phone&cursor=99999999999999999999", "?kind=phone&cursor=007",
        "?kind=phone&cursor=%2B5", "?kind=phone&page=2", "?kind=phone&kind=email",
    ])
    func aQueryThatIsNone(query: String) async throws {
        let answer = try await client().get(Self.path + query)
        #expect(answer.status == 400)
        _ = try answer.problem()
    }

    @Test func withoutRedisAllIsUnavailable() async throws {
        let client = client(isBroken: true)
        let answers = [
            try await client.get("\(Self.path)?kind=phone"), try await client.get("\(Self.path)/phone/+15551234567"),
            try await client.execute(.delete, "\(Self.path)/phone/+15551234567"),
            try await post(#"{"kind":"phone","address":"+15551234568"}"#, to: client),
        ]
        for answer in answers {
            #expect(answer.status == 503)
            #expect(answer.headers[.retryAfter] == "2")
            #expect(try answer.problem().type == "urn:posthaste:problem:queue-unavailable")
            #expect(!String(buffer: answer.body).contains("6379"))
        }
    }
}
