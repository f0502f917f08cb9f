/// What a request asks of its caller's limits. Those that ask for the same are asked for together.
struct LimitAsk: Hashable, Sendable {
    struct Rate: Hashable, Sendable {
        var key: String
        var limit: RateLimit
    }

    struct Share: Hashable, Sendable {
        var key: String
        var quota: Quota
    }

    var rate: Rate?
    var quota: Share?
    /// What is taken of the quota; below 0: given back.
    var messages = 0
    /// When the quota's stretch began from which messages are given back, Unix seconds.
    var since: Int64 = 0
}

/// How a caller stands with its limits, after a request was let in, or was not.
struct Standing: Sendable, Equatable {
    enum Verdict: Sendable {
        case admitted, overRate, overQuota
    }

    struct Rate: Sendable, Equatable {
        var limit: RateLimit
        var remaining: Int
        /// Until there is more of it, in microseconds; 0 where all of it is there.
        var wait: Int64
        /// The same moment, Unix microseconds.
        var reset: Int64
    }

    struct Share: Sendable, Equatable {
        var quota: Quota
        var remaining: Int64
        /// The hour, day or month that it is, Unix seconds.
        var begin: Int64
        var end: Int64
        /// Until its end, in seconds.
        var wait: Int64
    }

    var verdict: Verdict
    var rate: Rate?
    var quota: Share?
}

/// What `admit.lua` answers of one caller.
struct Admission {
    let fits: Int
    let enters: Int
    private let now: Int64
    private let room: Int
    private let wait: Int64
    private let left: Int64
    private let begin: Int64
    private let end: Int64

    /// - Parameters:
    ///   - reply: the script's: the time, then seven numbers of each caller.
    ///   - caller: which one it is, from 0.
    init(_ reply: [Int64], of caller: Int) {
        let first = 1 + 7 * caller
        now = reply[0]
        fits = Int(reply[first])
        enters = Int(reply[first + 1])
        room = Int(reply[first + 2])
        wait = reply[first + 3]
        left = reply[first + 4]
        begin = reply[first + 5]
        end = reply[first + 6]
    }

    /// How the request at a place among those that asked for the same stands. The first were let in first.
    func standing(_ ask: LimitAsk, at place: Int) -> Standing {
        let verdict: Standing.Verdict = place < enters ? .admitted : enters < fits ? .overQuota : .overRate
        let later = max(0, enters - place - 1)
        return Standing(
            verdict: verdict,
            rate: ask.rate.map { rate in
                Standing.Rate(limit: rate.limit, remaining: room + later, wait: wait, reset: now + wait)
            },
            quota: ask.quota.map { share in
                Standing.Share(
                    quota: share.quota, remaining: left + Int64(later * max(0, ask.messages)), begin: begin, end: end,
                    wait: max(1, end - now / 1_000_000))
            })
    }
}
