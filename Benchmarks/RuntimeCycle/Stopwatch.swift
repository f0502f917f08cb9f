import Foundation
import NIOCore
import Synchronization

/// What a process of the cycle tells whoever started it, as a line of JSON.
struct CycleReport: Encodable {
    /// When the first job began and the last one was done, in nanoseconds of the machine's monotonic clock, which all its
    /// processes share.
    var firstNs: UInt64
    var lastNs: UInt64
    var jobs: Int
    /// Microseconds, where waits were noted.
    var p50Us: UInt64?
    var p99Us: UInt64?
    var p999Us: UInt64?

    /// - Parameter waits: in nanoseconds, in any order.
    init(first: UInt64, last: UInt64, jobs: Int, waits: [UInt64]) {
        (firstNs, lastNs, self.jobs) = (first, last, jobs)
        guard !waits.isEmpty else { return }
        let sorted = waits.sorted()
        let percentile = { (share: Double) in sorted[Int(Double(sorted.count - 1) * share)] / 1000 }
        (p50Us, p99Us, p999Us) = (percentile(0.5), percentile(0.99), percentile(0.999))
    }

    func print() throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        FileHandle.standardOutput.write(try encoder.encode(self) + Data("\n".utf8))
    }
}

/// When jobs began and were done, and how long they have waited since the moment they carry.
final class Stopwatch: Sendable {
    private let first = Atomic<UInt64>(0)
    private let done = Mutex((jobs: 0, last: UInt64(0)))
    private let waits = Mutex<[UInt64]>([])

    /// Nanoseconds of the machine's monotonic clock.
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// A job begins.
    func begin() {
        guard first.load(ordering: .relaxed) == 0 else { return }
        _ = first.compareExchange(expected: 0, desired: Self.now, ordering: .relaxed)
    }

    /// A job begins whose payload is a JSON string that starts with the moment it is due.
    func note(_ payload: ByteBuffer) {
        begin()
        let now = Self.now
        let digits = payload.readableBytesView.dropFirst().prefix { (48...57).contains($0) }
        let stamp = digits.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - 48) }
        waits.withLock { $0.append(now > stamp ? now - stamp : 0) }
    }

    /// So many are settled by now.
    func settled(_ jobs: Int) {
        done.withLock { if $0.jobs != jobs { $0 = (jobs, Self.now) } }
    }

    var report: CycleReport {
        let done = done.withLock { $0 }
        return CycleReport(
            first: first.load(ordering: .relaxed), last: done.last, jobs: done.jobs, waits: waits.withLock { $0 })
    }
}
