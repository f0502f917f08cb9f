import Postgres
import TestSupport
import Testing

@Suite struct NotificationTests {
    @Test func arriveAtTheListener() async throws {
        let client = try await freshClient(connections: 2)
        let isListening = Locked(false)
        async let heard = client.perform { session in
            try session.listen("news \"now\"")
            isListening.value = true
            return [try session.notification(within: .seconds(30)), try session.notification(within: .seconds(30))]
        }
        try await eventually("it listens") { isListening.value }
        try await client.perform { session in
            try session.query("SELECT pg_notify('other', 'no')")
            try session.query("SELECT pg_notify($1, $2)", [.text("news \"now\""), .text("ü")])
            try session.query("SELECT pg_notify($1, '')", [.text("news \"now\"")])
        }
        let notifications = try await heard
        #expect(notifications.map { $0?.channel } == ["news \"now\"", "news \"now\""])
        #expect(notifications.map { $0?.payload } == ["ü", ""])
    }

    @Test func noneWithinTheTime() async throws {
        let client = try await sharedClient(connections: 1)
        let none = try await client.perform { session in
            try session.listen("news")
            return try session.notification(within: .milliseconds(1))
        }
        #expect(none == nil)
        // The next body does not listen.
        let channels = try await client.perform { try $0.query("SELECT pg_listening_channels()").count }
        #expect(channels == 0)
    }
}
