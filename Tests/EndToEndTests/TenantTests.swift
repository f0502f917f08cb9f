import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// Two customers with a key each on one Posthaste.
@Suite(.timeLimit(.minutes(5))) struct TenantTests {
    private struct List: Decodable {
        struct Row: Decodable { let id: String }
        var messages: [Row]?
        var conversations: [Row]?
    }

    @Test func eachSeesItsOwnAndNothingElse() async throws {
        let keys = [TestKey("acme"), TestKey("globex")]
        let operate = TestKey("operator", scopes: "read+operate")
        let entries = (keys + [operate]).map(\.entry).joined(separator: ",")
        let fleet = try await LedgerFleet(settings: ["API_KEYS": entries]).fleet
        _ = try await fleet.startWorker()

        func ids(_ key: TestKey, _ path: String) async throws -> [String] {
            let answer = try await fleet.call(.GET, path, headers: key.headers)
            #expect(answer.status == 200, "\(answer.text)")
            let list: List = try answer.decoded()
            return (list.messages ?? list.conversations ?? []).map(\.id)
        }
        // Between the same people, with the same idempotency key.
        var sent: [String] = []
        for key in keys {
            let headers = key.headers.merging(["Idempotency-Key": "same", "Prefer": "wait=30"]) { $1 }
            let answer = try await fleet.text("from somebody", headers: headers)
            #expect(answer.status == 200, "\(answer.text)")
            sent.append(try answer.decoded(as: Fleet.Message.self).id)
        }
        #expect(sent[0] != sent[1])
        try await eventually("the ledger has both") {
            try await ids(operate, "/api/v1/messages").count == 2
        }
        var conversations: [String] = []
        for (own, other) in [(0, 1), (1, 0)] {
            let key = keys[own]
            #expect(try await ids(key, "/api/v1/messages") == [sent[own]])
            let found = try await ids(key, "/api/v1/conversations")
            #expect(found.count == 1)
            conversations += found
            #expect(try await ids(key, "/api/v1/conversations/\(found[0])/messages") == [sent[own]])
            #expect(try await fleet.call(.GET, "/api/v1/messages/\(sent[own])", headers: key.headers).status == 200)
            for method in ["", "/cancel", "/retry"] {
                let path = "/api/v1/messages/\(sent[other])\(method)"
                let answer = try await fleet.call(method.isEmpty ? .GET : .POST, path, headers: key.headers)
                #expect(answer.status == 404, "\(path): \(answer.text)")
            }
            #expect(try await fleet.call(.GET, "/api/v1/dead-letters/sms", headers: key.headers).status == 403)
        }
        #expect(Set(conversations).count == 2)
        for (own, other) in [(0, 1), (1, 0)] {
            let path = "/api/v1/conversations/\(conversations[other])"
            for path in [path, path + "/messages"] {
                #expect(try await fleet.call(.GET, path, headers: keys[own].headers).status == 404)
            }
        }
        #expect(try await ids(operate, "/api/v1/conversations").count == 2)
        #expect(try await fleet.call(.GET, "/api/v1/messages/\(sent[0])").status == 401)
    }

    /// What waits can be taken back by who sent it, and by nobody else.
    @Test func nobodyTakesBackWhatIsNotTheirs() async throws {
        let keys = [TestKey("acme"), TestKey("globex")]
        let fleet = try await Fleet(settings: ["API_KEYS": keys.map(\.entry).joined(separator: ",")])
        let id = try await fleet.text("hers", headers: keys[0].headers).decoded(as: Fleet.Message.self).id
        let path = "/api/v1/messages/\(id)/cancel"
        #expect(try await fleet.call(.POST, path, headers: keys[1].headers).status == 404)
        let shown = try await fleet.call(.GET, "/api/v1/messages/\(id)", headers: keys[0].headers)
        #expect(try shown.decoded(as: Fleet.Message.self).status == "pending")
        #expect(try await fleet.call(.POST, path, headers: keys[0].headers).status == 200)
    }
}
