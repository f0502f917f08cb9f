import HTTPTypes
import JobRuntime
import Messaging
import NIOCore
import Testing

@testable import Ingress
@testable import Ledger

@Suite struct LedgerRouteTests {
    private static let ids = (0..<3).map { JobID(milliseconds: 1_767_225_599_000 - Int64($0), random: 7) }
    private static let conversation = Conversation(.sms, between: "+15551234567", and: "+15559876543")

    private static func message(_ id: JobID, _ status: LedgerStatus = .outbound(.sent)) -> LedgerMessage {
        var message = LedgerMessage(id: id, channel: .sms, status: status, acceptedAt: 1000)
        (message.sender, message.recipient) = (conversation.low, conversation.high)
        message.conversation = conversation.id
        message.content = #"{"from":"+15551234567", "to":"+15559876543","body":"Hé \"1\"","metadata":{"k":[1]}}"#
        message.attempts = 1
        message.sentAt = 3000
        message.result = #"{"sid":"SM1"}"#
        return message
    }

    private static func talk() -> LedgerConversation {
        LedgerConversation(
            id: conversation.id, channel: .sms, participants: [conversation.low, conversation.high],
            firstMessage: ids[2], lastMessage: ids[0])
    }

    private func client(_ log: FakeLog?) -> Client {
        var client = Client()
        client.log = log
        return client
    }

    private func get(_ path: String, _ log: FakeLog?) async throws -> Answer { try await client(log).get(path) }

    private static let sent: [String: JSON] = [
        "type": "sms", "from": "+15551234567", "to": "+15559876543", "body": "Hé \"1\"",
        "metadata": ["k": [1]], "status": "sent", "created_at": "1970-01-01T00:00:01.000Z",
        "sent_at": "1970-01-01T00:00:03.000Z", "attempts": 1, "direction": "outbound",
        "conversation_id": .string(conversation.id.description), "result": ["sid": "SM1"],
    ]

    @Test(arguments: ["/api/v1/messages", "/api/v1/messages/"]) func aPage(path: String) async throws {
        let log = FakeLog(Self.ids.map { Self.message($0) })
        let answer = try await get("\(path)?type=sms&limit=2&cursor=\(Self.ids[0])&from=%2B1", log)
        #expect(answer.status == 200)
        let messages = Self.ids.prefix(2).map { JSON.object(Self.sent.merging(["id": .string("\($0)")]) { $1 }) }
        #expect(try answer.object() == ["messages": .array(messages), "next": .string("\(Self.ids[1])")])
        #expect(
            answer.headers[.link]
                == "<\(path)?type=sms&limit=2&from=%2B1&cursor=\(Self.ids[1])>; rel=\"next\"")
        #expect(log.asked.limit == 2 && log.asked.cursor == MessageCursor("\(Self.ids[0])"))
    }

    @Test func theLastPage() async throws {
        let answer = try await get("/api/v1/messages", FakeLog([Self.message(Self.ids[0])]))
        #expect(try answer.object()["next"] == .null)
        #expect(answer.headers[.link] == nil)
    }

    @Test func everyFilter() async throws {
        let log = FakeLog()
        let query =
            "type=sms,email&type=mms&status=failed,received&from=+1&to=a%40b.co&direction=inbound"
            + "&conversation=\(Self.conversation.id)&since=1970-01-01T00:00:01Z&until=1970-01-01T02:00:02%2B02:00"
        #expect(try await get("/api/v1/messages?\(query)", log).status == 200)
        var filter = MessageFilter()
        filter.channels = [.sms, .mms, .email]
        filter.statuses = [.outbound(.failed), .received]
        (filter.sender, filter.recipient, filter.direction) = ("+1", "a@b.co", .inbound)
        (filter.conversation, filter.since, filter.until) = (Self.conversation.id, 1000, 2000)
        #expect(log.asked == FakeLog.Asked(filter: filter, limit: 20))
    }

    @Test(arguments: [
        ("messages", "type=fax", "type"), ("messages", "type=sms,", "type"), ("messages", "status=done", "status"),
        ("messages", "from=", "from"), ("messages", "to=1&to=2", "to"), ("messages", "direction=up", "direction"),
        ("messages", "conversation=7", "conversation"), ("messages", "since=yesterday", "since"),
        ("messages", "until=2026-02-30T00:00:00Z", "until"), ("messages", "limit=0", "limit"),
        ("messages", "limit=101", "limit"), ("messages", "limit=x", "limit"), ("messages", "cursor=x", "cursor"),
        ("messages", "sender=+1", "sender"), ("messages/counts", "limit=5", "limit"),
        ("messages/counts", "type=sms,mms", "type"), ("conversations", "type=sms,mms", "type"),
        ("conversations", "participant=1,2,3", "participant"), ("conversations", "participant=", "participant"),
        ("conversations", "cursor=0", "cursor"), ("conversations", "since=2026-01-01T00:00:00Z", "since"),
        ("conversations/\(conversation.id)/messages", "conversation=\(conversation.id)", "conversation"),
    ])
    func whatCannotBeReadIsNamed(path: String, query: String, parameter: String) async throws {
        let answer = try await get("/api/v1/\(path)?\(query)", FakeLog(conversations: [Self.talk()]))
        #expect(answer.status == 400)
        let problem = try answer.problem()
        #expect(problem.type == "urn:posthaste:problem:invalid-query")
        #expect(problem.pointers == ["/\(parameter)"])
    }

    @Test func allThatIsWrongIsNamedAtOnce() async throws {
        let answer = try await get("/api/v1/messages?type=fax&limit=0&x=1", FakeLog())
        #expect(Set(try answer.problem().pointers) == ["/type", "/limit", "/x"])
    }

    @Test func whatWasRedactedAndWhatCameToUs() async throws {
        var redacted = Self.message(Self.ids[0])
        (redacted.content, redacted.sender, redacted.redactedAt) = (nil, nil, 9000)
        var inbound = Self.message(Self.ids[1], .received)
        inbound.content = #"{"provider":"twilio","id":"SM1","type":"sms","from":"+1","to":"+2","body":"Yes"}"#
        (inbound.sentAt, inbound.result) = (nil, nil)
        let answer = try await get("/api/v1/messages", FakeLog([redacted, inbound]))
        guard case .array(let messages) = try answer.object()["messages"], case .object(let first) = messages.first,
            case .object(let second) = messages.last
        else {
            Issue.record("no messages")
            return
        }
        #expect(first["body"] == .null && first["from"] == .null && first["to"] == "+15559876543")
        #expect(first["redacted_at"] == "1970-01-01T00:00:09.000Z" && first["metadata"] == nil)
        #expect(second["status"] == "received" && second["direction"] == "inbound" && second["body"] == "Yes")
        #expect(second["id"] == .string("\(Self.ids[1])") && second["provider_message_id"] == "SM1")
    }

    @Test func counts() async throws {
        let log = FakeLog()
        let path = "/api/v1/messages/counts?type=sms&since=1970-01-01T00:00:01Z&until=1970-01-01T00:00:02Z"
        let members = try await get(path, log).object()
        #expect(log.asked == FakeLog.Asked(channel: .sms, since: 1000, until: 2000))
        guard case .object(let counts) = members["counts"] else {
            Issue.record("no counts in \(members)")
            return
        }
        #expect(counts.count == LedgerStatus.allCases.count)
        #expect(counts["sent"] == 7 && counts["received"] == 1 && counts["failed"] == 0)
        _ = try await get("/api/v1/messages/counts?until=1970-01-02T00:00:00Z", log)
        #expect(log.asked == FakeLog.Asked(since: 0, until: 86_400_000), "the last day, where nothing else is said")
    }

    @Test func conversations() async throws {
        let log = FakeLog([Self.message(Self.ids[0])], conversations: [Self.talk()])
        let talk: JSON = [
            "id": .string(Self.conversation.id.description), "type": "sms",
            "participants": ["+15551234567", "+15559876543"], "first_message": .string("\(Self.ids[2])"),
            "first_message_at": "2025-12-31T23:59:58.998Z", "last_message": .string("\(Self.ids[0])"),
            "last_message_at": "2025-12-31T23:59:59.000Z",
        ]
        let list = try await get("/api/v1/conversations/?type=sms&participant=+1&participant=+2&limit=5", log)
        #expect(try list.object() == ["conversations": [talk], "next": nil])
        #expect(log.asked.conversations.participants == ["+1", "+2"] && log.asked.conversations.channel == .sms)
        let path = "/api/v1/conversations/\(Self.conversation.id)"
        #expect(try JSON.object(await get(path, log).object()) == talk)
        let messages = try await get("\(path)/messages?status=sent&limit=3", log)
        #expect(messages.status == 200 && log.asked.filter.conversation == Self.conversation.id)
        #expect(log.asked.filter.statuses == [.outbound(.sent)] && log.asked.limit == 3)
        for path in ["/api/v1/conversations/7", "/api/v1/conversations/\(Self.ids[0])/messages"] {
            let answer = try await get(path, log)
            #expect(answer.status == 404)
            #expect(try answer.problem().detail == "There is no such conversation.")
        }
    }

    private static let lists = [
        "/api/v1/messages", "/api/v1/messages/counts", "/api/v1/conversations",
        "/api/v1/conversations/\(conversation.id)", "/api/v1/conversations/\(conversation.id)/messages",
    ]

    @Test(arguments: lists) func withoutALedgerThereAreNone(path: String) async throws {
        let answer = try await get(path, nil)
        #expect(answer.status == 501)
        #expect(try answer.problem().type == "urn:posthaste:problem:no-ledger")
        #expect(try answer.problem().detail.contains("LEDGER_ENABLED"))
    }

    @Test(arguments: lists) func aLedgerThatIsAway(path: String) async throws {
        let answer = try await get(path, FakeLog(isBroken: true))
        #expect(answer.status == 503)
        #expect(answer.headers[.retryAfter] == "2")
        #expect(try answer.problem().type == "urn:posthaste:problem:ledger-unavailable")
        #expect(!String(buffer: answer.body).contains("5432"))
    }
}
