import Logging

/// A time in which Postgres does not take what it is given: said when it begins and when it ends.
struct Outage {
    private let logger: Logger
    private var tries = 0

    init(logger: Logger) { self.logger = logger }

    mutating func begin(because error: any Error) {
        tries += 1
        if tries == 1 || tries % 60 == 0 {
            logger.error(
                "The ledger is not written: events wait in Redis, and sending goes on",
                metadata: ["error": "\(error)", "tries": "\(tries)"])
        }
    }

    func end() {
        if tries > 0 { logger.notice("The ledger is written again", metadata: ["tries": "\(tries)"]) }
    }

    /// From a tenth of a second to five.
    func nextWait() -> Duration {
        .milliseconds(min(5000, 100 << min(tries, 6))) * Double.random(in: 0.5...1)
    }
}
