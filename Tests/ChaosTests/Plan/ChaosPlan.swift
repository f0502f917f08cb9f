import JobRuntime

@testable import chaos_worker

/// What goes wrong in a chaos run, and when. Decided by the seed alone.
///
/// The workers, the network and Redis each go their own way; first one after the other, so that what comes of a fault can
/// be told from everything else, then all at once.
struct ChaosPlan: Sendable, Equatable {
    struct Timed<Fault: Sendable & Equatable>: Sendable, Equatable {
        /// From the beginning of the run.
        var at: Duration
        var fault: Fault
    }

    enum WorkerFault: Sendable, Equatable {
        /// kill -9, and a new one.
        case kill
        /// SIGSTOP, after a time SIGCONT.
        case freeze(Duration)
        /// SIGSTOP, after a time kill -9.
        case freezeAndKill(Duration)
        /// SIGTERM, and when it has left a new one.
        case terminate
        /// SIGTERM, soon again, and when it has left a new one.
        case terminateTwice(Duration)
        /// SIGTERM, and the new one is told so as well, as soon as it can hear it.
        case stillborn
        /// The wall clock jumps to so many hours beside the time.
        case clock(hours: Int)
    }

    enum NetworkFault: Sendable, Equatable {
        case cut
        /// No answer comes for a time, and then the connections are cut: what was asked for was done.
        case deafen(Duration)
        /// Nothing comes to Redis for a time; what was sent comes late.
        case hold(Duration)
        case stall(Duration)
        /// Connections are cut and no new ones are taken for a time.
        case refuse(Duration)
    }

    enum RedisFault: Sendable, Equatable {
        /// kill -9, and after a time a start from the append-only file.
        case kill(Duration)
        case freeze(Duration)
    }

    /// A queue that is paused for a time.
    struct Pause: Sendable, Equatable {
        var queue: JobQueue
        var time: Duration
    }

    var workers: [[Timed<WorkerFault>]]
    var network: [Timed<NetworkFault>]
    var redis: [Timed<RedisFault>]
    var pauses: [Timed<Pause>]

    static let none = ChaosPlan(workers: [], network: [], redis: [], pauses: [])
}

extension ChaosPlan {
    /// - Parameters:
    ///   - duration: how long things go wrong.
    ///   - workers: how many there are at a time.
    init(seed: UInt64, duration: Duration, workers: Int) {
        let worker = Self.phases([0.05...0.35, 0.7...1], of: duration)
        let network = Self.phases([0.35...0.55, 0.7...1], of: duration)
        let redis = Self.phases([0.55...1], of: duration)
        self.workers = (0..<workers).map { slot in
            Self.faults(SplitMix64(seed: seed, stream: 1 << 40 + UInt64(slot)), in: worker, pause: 200...1500) {
                .init(&$0)
            }
        }
        self.network = Self.faults(SplitMix64(seed: seed, stream: 2 << 40), in: network, pause: 200...1500) {
            .init(&$0)
        }
        self.redis = Self.faults(SplitMix64(seed: seed, stream: 3 << 40), in: redis, pause: 500...2500) {
            .init(&$0)
        }
        pauses = Self.faults(SplitMix64(seed: seed, stream: 4 << 40), in: worker, pause: 500...3000) { random in
            Pause(queue: Chaos.queues[random.int(0...1)], time: .milliseconds(random.int(100...1500)))
        }
    }

    private static func phases(_ parts: [ClosedRange<Double>], of duration: Duration) -> [ClosedRange<Duration>] {
        parts.map { duration * $0.lowerBound...duration * $0.upperBound }
    }

    /// - Parameter pause: milliseconds from fault to fault.
    private static func faults<Fault>(
        _ random: SplitMix64, in phases: [ClosedRange<Duration>], pause: ClosedRange<Int>,
        make: (inout SplitMix64) -> Fault
    ) -> [Timed<Fault>] {
        var random = random
        return phases.flatMap { phase in
            var faults: [Timed<Fault>] = []
            var at = phase.lowerBound + .milliseconds(random.int(pause))
            while at < phase.upperBound {
                faults.append(Timed(at: at, fault: make(&random)))
                at += .milliseconds(random.int(pause))
            }
            return faults
        }
    }
}

extension ChaosPlan.WorkerFault {
    fileprivate init(_ random: inout SplitMix64) {
        // Past the lease, or for so short a time that nobody may notice.
        let freeze = random.happens(600) ? random.int(1800...3500) : random.int(50...300)
        let press = random.int(0...600)
        self = random.pick([
            (3, .kill), (3, .freeze(.milliseconds(freeze))), (1, .freezeAndKill(.milliseconds(freeze))),
            (2, .terminate), (2, .terminateTwice(.milliseconds(press))), (1, .stillborn),
            (2, .clock(hours: random.int(0...1) * 2 - 1)),
        ])
    }
}

extension ChaosPlan.NetworkFault {
    fileprivate init(_ random: inout SplitMix64) {
        let time = Duration.milliseconds(random.happens(700) ? random.int(20...400) : random.int(1000...3000))
        self = random.pick([
            (3, .cut), (3, .deafen(time)), (2, .hold(time)), (2, .stall(time)), (1, .refuse(time)),
        ])
    }
}

extension ChaosPlan.RedisFault {
    fileprivate init(_ random: inout SplitMix64) {
        let time = Duration.milliseconds(random.int(100...2500))
        self = random.happens(500) ? .kill(time) : .freeze(time)
    }
}
