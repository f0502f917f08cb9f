import JobRuntime
public import Logging
public import Postgres
public import ServiceLifecycle

/// What is kept of old messages.
public struct LedgerRetention: Sendable, Equatable {
    /// After how many days the texts of messages go; nil: never.
    public var bodyDays: Int?
    /// After how many days messages go altogether; nil: never.
    public var days: Int?

    public init(bodyDays: Int? = nil, days: Int? = nil) {
        self.bodyDays = bodyDays
        self.days = days
    }
}

/// Keeps the ledger in order: makes the parts of its tables for the weeks to come, and takes out what is too old. Every
/// worker has one, and one at a time does it.
///
/// Texts go from messages that are settled, and from those to us. One that settles later than it should is found in the
/// next rounds, or within a day. Whole parts are dropped, and only when no transaction has to wait for it: else in a later
/// round.
public struct LedgerHousekeeper: Service {
    private let postgres: PostgresClient
    private let retention: LedgerRetention
    private let interval: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - postgres: of this alone, with the time-outs of ``configuration(from:)``; must be running.
    ///   - interval: between two rounds.
    public init(
        postgres: PostgresClient, retention: LedgerRetention, interval: Duration = .seconds(3600), logger: Logger
    ) {
        self.postgres = postgres
        self.retention = retention
        self.interval = interval
        self.logger = logger
    }

    /// The same server, asked with the time-outs of somebody who is in no hurry.
    public static func configuration(from other: PostgresConfiguration) -> PostgresConfiguration {
        var configuration = other
        configuration.statementTimeout = .seconds(120)
        return configuration
    }

    /// Runs until the task is cancelled or the service is shut down; a round ends with the statement it is at.
    public func run() async {
        let stop = StopFlag()
        await withTaskCancellationOrGracefulShutdownHandler {
            await Task { await keepHouse(until: stop) }.value
        } onCancelOrGracefulShutdown: {
            stop.set()
        }
    }

    private func keepHouse(until stop: StopFlag) async {
        var outage = Outage(logger: logger, what: "The ledger is not kept in order")
        while !stop.isSet {
            do {
                if let tally = try await round(at: .unixMilliseconds, until: stop), !tally.isEmpty {
                    logger.info("The ledger was put in order", metadata: tally.metadata)
                }
                outage.end()
                await stop.sleep(for: interval)
            } catch {
                outage.begin(because: error)
                await stop.sleep(for: max(outage.nextWait(), min(.seconds(30), interval)))
            }
        }
    }

    /// Does all that is due.
    ///
    /// - Parameter now: Unix milliseconds.
    /// - Returns: what was done; nil: somebody else is at it.
    func round(at now: Int64, until stop: StopFlag = StopFlag()) async throws -> HousekeepingTally? {
        let retention = retention
        return try await postgres.perform { session in
            // Of the session: it goes with it, whatever happens.
            guard try session.query(HousekeepingQueries.lock)[0].bool("mine") else { return nil }
            defer { _ = try? session.query(HousekeepingQueries.unlock) }
            var work = Housekeeping(session: session, now: now, stop: stop)
            try work.makeWeeks()
            try work.dropPayloads()
            if let days = retention.bodyDays { try work.redact(olderThan: days) }
            if let days = retention.days { try work.drop(olderThan: days) }
            return work.tally
        }
    }
}

/// What a round has done.
struct HousekeepingTally: Equatable, Sendable {
    var redacted = 0
    var parts: [String] = []
    /// Parts that others were at.
    var postponed: [String] = []
    /// Conversations, endpoints, rejected events, and the whole content of messages with files.
    var rows = 0

    var isEmpty: Bool { self == HousekeepingTally() }

    var metadata: Logger.Metadata {
        [
            "redacted": "\(redacted)", "dropped": "\(parts.joined(separator: ","))",
            "postponed": "\(postponed.joined(separator: ","))", "rows": "\(rows)",
        ]
    }
}
