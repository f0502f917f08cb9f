import JobRuntime
import Messaging
import TestSupport
import Testing

@testable import Ledger

/// Lists against what a loop over all messages finds.
@Suite struct ListPropertyTests {
    /// What the ledger is to show of a message, by its events alone.
    private struct Known {
        var id: JobID
        var channel: Channel
        var status: LedgerStatus
        var sender: String
        var recipient: String
        var tenant: String?

        init?(_ change: MessageChange) {
            guard let channel = change.channel, let acceptance = change.acceptance else { return nil }
            id = change.id
            self.channel = channel
            status = change.direction == .inbound ? .received : .outbound(change.status)
            (sender, recipient, tenant) = (acceptance.sender, acceptance.recipient, acceptance.tenant)
        }

        var conversation: Conversation { Conversation(channel, between: sender, and: recipient, tenant: tenant) }

        func fits(_ filter: MessageFilter) -> Bool {
            (filter.direction.map { $0 == status.direction } ?? true)
                && (filter.channels.isEmpty || filter.channels.contains(channel))
                && (filter.statuses.isEmpty || filter.statuses.contains(status))
                && (filter.sender.map { $0 == sender } ?? true) && (filter.recipient.map { $0 == recipient } ?? true)
                && (filter.conversation.map { $0 == conversation.id } ?? true)
                && (filter.since.map { id.milliseconds >= $0 } ?? true)
                && (filter.until.map { id.milliseconds < $0 } ?? true)
                && (filter.tenant.map { $0 == tenant } ?? true)
        }
    }

    private static func isNewer(_ a: JobID, _ b: JobID) -> Bool { (a.high, a.low) > (b.high, b.low) }

    private static func filter(_ known: [Known], _ random: inout SeededGenerator) -> MessageFilter {
        func sometimes(_ body: (inout SeededGenerator) -> Void) {
            if Int.random(in: 0..<3, using: &random) == 0 { body(&random) }
        }
        var filter = MessageFilter()
        let one = known.randomElement(using: &random), other = known.randomElement(using: &random)
        sometimes { filter.direction = Direction.allCases.randomElement(using: &$0) }
        sometimes {
            filter.channels = Set(Channel.allCases.shuffled(using: &$0).prefix(.random(in: 1...3, using: &$0)))
        }
        sometimes {
            filter.statuses = Set(LedgerStatus.allCases.shuffled(using: &$0).prefix(.random(in: 1...5, using: &$0)))
        }
        sometimes { _ in filter.sender = one?.sender }
        sometimes { filter.recipient = (Bool.random(using: &$0) ? one : other)?.recipient }
        sometimes { _ in filter.conversation = one?.conversation.id }
        sometimes { filter.tenant = ["acme", "beta", "gamma"].randomElement(using: &$0) }
        sometimes { _ in filter.since = one?.id.milliseconds }
        sometimes { filter.until = (other?.id.milliseconds ?? 0) + .random(in: 0...1, using: &$0) }
        return filter
    }

    @Test(arguments: 0..<3) func everyFilterFindsWhatALoopFinds(seed: UInt64) async throws {
        let bench = try await ReadBench()
        var generator = RandomEvents(seed: seed)
        let events = (0..<8).flatMap { _ in generator.make(messages: 40) }
        let known = LedgerBatch(events).messages.compactMap(Known.init).sorted { Self.isNewer($0.id, $1.id) }
        try await bench.write(events)
        try #require(known.count > 250)
        var found = 0
        for _ in 0..<150 {
            let filter = Self.filter(known, &generator.random)
            let expected = known.filter { $0.fits(filter) }
            let limit = Int.random(in: 1...50, using: &generator.random)
            let all = try await ReadBench.all { cursor in
                let page = try await bench.reader.messages(filter, after: cursor, limit: limit)
                #expect(page.elements.count <= limit)
                return page
            }
            #expect(all.map(\.id) == expected.map(\.id), "\(filter)")
            #expect(all.map(\.status) == expected.map(\.status))
            #expect(all.map(\.tenant) == expected.map(\.tenant))
            found += expected.isEmpty ? 0 : 1
        }
        #expect(found > 20, "most filters found something")
    }

    private static var channelsAndTenants: [(Channel?, String?)] {
        ([nil] + Channel.allCases).flatMap { channel in [nil, "acme", "gamma"].map { (channel, $0) } }
    }

    @Test(arguments: 10..<12) func conversationsAndCounts(seed: UInt64) async throws {
        let bench = try await ReadBench()
        var generator = RandomEvents(seed: seed)
        let events = (0..<4).flatMap { _ in generator.make(messages: 40) }
        let messages = LedgerBatch(events).messages
        let known = messages.compactMap(Known.init).sorted { Self.isNewer($0.id, $1.id) }
        try await bench.write(events)
        let latest = Dictionary(known.map { ($0.conversation, $0.id) }) { first, _ in first }
            .sorted { Self.isNewer($0.value, $1.value) }
        try #require(latest.count > 10)
        let addresses = Set(known.map(\.sender)).sorted()
        for (channel, tenant) in Self.channelsAndTenants {
            for count in 0...2 {
                var filter = ConversationFilter()
                (filter.channel, filter.tenant) = (channel, tenant)
                filter.participants = Array(addresses.shuffled(using: &generator.random).prefix(count))
                let expected = latest.filter { conversation, _ in
                    (channel.map { $0 == conversation.channel } ?? true)
                        && (tenant.map { $0 == conversation.tenant } ?? true)
                        && Set(filter.participants).isSubset(of: [conversation.low, conversation.high])
                }
                let all = try await ReadBench.all {
                    try await bench.reader.conversations(filter, after: $0, limit: 3)
                }
                #expect(all.map(\.id) == expected.map(\.key.id), "\(filter)")
                #expect(all.map(\.lastMessage) == expected.map(\.value))
                #expect(all.map(\.tenant) == expected.map(\.key.tenant))
                if let one = all.first { #expect(try await bench.reader.conversation(one.id) == one) }
            }
            // Those that are not accepted yet count, too, where their channel is known; whose they are is not.
            let since = known[known.count / 2].id.milliseconds
            let counted = messages.filter { message in
                message.id.milliseconds >= since && message.channel != nil
                    && (channel == nil || message.channel == channel)
                    && (tenant == nil || message.acceptance?.tenant == tenant)
            }
            let statuses = counted.map { $0.direction == .inbound ? LedgerStatus.received : .outbound($0.status) }
            #expect(
                try await bench.reader.counts(tenant: tenant, channel: channel, since: since)
                    == Dictionary(statuses.map { ($0, 1) }, uniquingKeysWith: +))
        }
    }

    /// Messages come all the while, with newer ids and with older ones: of those that were there none is left out, and
    /// none is shown twice.
    @Test func pagesStandWhileMessagesCome() async throws {
        let bench = try await ReadBench()
        var random = SeededGenerator(state: 77)
        func some(_ count: Int) -> [LedgerEvent] {
            (0..<count).map { place in
                let id = JobID(
                    milliseconds: ReadBench.start + .random(in: 0...1_600_000_000, using: &random),
                    random: random.next())
                return ReadBench.accepted(id, UInt64(place + 1), from: "+1555000\(place % 3)")
            }
        }
        let before = some(200)
        try await bench.write(before)
        let later = (0..<60).map { _ in some(5) }
        var filter = MessageFilter()
        filter.sender = "+15550001"
        let there = Set(LedgerBatch(before).messages.filter { $0.acceptance?.sender == filter.sender }.map(\.id))
        let seen = try await withThrowingTaskGroup(of: Void.self) { [filter] group in
            group.addTask { for events in later { try await bench.write(events) } }
            let seen = try await ReadBench.all { try await bench.reader.messages(filter, after: $0, limit: 3) }
            try await group.waitForAll()
            return seen.map(\.id)
        }
        #expect(Set(seen).count == seen.count)
        #expect(there.isSubset(of: seen))
        #expect(zip(seen, seen.dropFirst()).allSatisfy(Self.isNewer))
    }
}
