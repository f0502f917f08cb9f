import Logging

/// A time in which a server does not take what it is given: said when it begins and when it ends.
struct Outage {
    private let logger: Logger
    private let what: String
    private var tries = 0

    /// - Parameter what: is so meanwhile.
    init(logger: Logger, what: String = "The ledger is not written: events wait in Redis, and sending goes on") {
        self.logger = logger
        self.what = what
    }

    mutating func begin(because error: any Error) {
        tries += 1
        if tries == 1 || tries % 60 == 0 {
            logger.error("\(what)", metadata: ["error": "\(error)", "tries": "\(tries)"])
        }
    }

    mutating func end() {
        if tries > 0 { logger.notice("Over: \(what)", metadata: ["tries": "\(tries)"]) }
        tries = 0
    }

    /// From a tenth of a second to five.
    func nextWait() -> Duration {
        .milliseconds(min(5000, 100 << min(tries, 6))) * Double.random(in: 0.5...1)
    }
}
