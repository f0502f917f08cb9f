import Logging
import Synchronization

import struct Redis.Backoff

/// Fills the free slots of one queue: first with what other workers left behind, then with what is new. It never asks
/// for more than there are free slots, so that nothing waits in a worker that another could run.
final class Reader: Sendable {
    private let scope: QueueScope
    private let start: @Sendable (Delivered) -> Void
    private let handBack: @Sendable (Delivered) async -> Void
    /// The reader that may be waiting.
    private let waiting = Mutex<(any StreamReader)?>(nil)
    private let ended = Atomic(false)

    /// The most entries of one reply, however many slots are free.
    private static let page = 500

    var hasEnded: Bool { ended.load(ordering: .acquiring) }

    /// - Parameters:
    ///   - start: begins to run an entry that has been taken in.
    ///   - handBack: gives back an entry that came when the worker had been told to stop, or beyond its slots.
    init(
        scope: QueueScope, start: @escaping @Sendable (Delivered) -> Void,
        handBack: @escaping @Sendable (Delivered) async -> Void
    ) {
        self.scope = scope
        self.start = start
        self.handBack = handBack
    }

    /// Reads until the in-flight table is closed, whatever happens to the store meanwhile.
    func run() async {
        defer { ended.store(true, ordering: .releasing) }
        var backoff = Backoff()
        var reclaimer = Reclaimer(scope: scope)
        var wasAway = false
        while !scope.inFlight.isClosed {
            do throws(StoreError) {
                let reader = try await scope.store.makeReader(of: scope.queue, consumer: scope.consumer)
                // What seems left behind may be what live workers could not renew: they get the time to.
                if wasAway { reclaimer.postpone() }
                wasAway = false
                waiting.withLock { $0 = reader }
                let failure = await follow(reader, &reclaimer) { backoff.reset() }
                waiting.withLock { $0 = nil }
                await reader.close()
                if let failure { throw failure }
            } catch {
                guard !Task.isCancelled else { return }
                wasAway = true
                if error.code != .unavailable { scope.activity.readAnswer.set(scope.clock.now) }
                scope.logger.warning(
                    "Reading failed and will go on", metadata: ["queue": "\(scope.queue.name)", "error": "\(error)"])
                try? await Task.sleep(for: backoff.next())
            }
        }
    }

    /// Ends a wait. What it was about to return is returned, so nothing is lost on the way.
    func unblock() async { await waiting.withLock { $0 }?.unblock() }

    /// - Returns: why it can go on no more; nil when it was told to stop.
    private func follow(
        _ reader: any StreamReader, _ reclaimer: inout Reclaimer, succeeded: () -> Void
    ) async -> StoreError? {
        var plan = LanePlan()
        do throws(StoreError) {
            while true {
                var free = min(await freeSlots(), Self.page)
                guard free > 0 else { return nil }
                if reclaimer.wait <= .zero {
                    let asked = scope.clock.now
                    guard let claimed = try await reclaimer.claim(free) else {
                        scope.activity.hasRead(at: scope.clock.now)
                        await pause(for: reclaimer.wait)
                        // Whatever the clock says by then: nothing is read before the store says that it may be.
                        reclaimer.hasten()
                        continue
                    }
                    free -= await take(claimed, asked: asked)
                }
                if free > 0, try await !fill(free, by: &plan, from: reader, until: reclaimer.wait) {
                    reclaimer.hasten()
                }
                scope.activity.hasRead(at: scope.clock.now)
                succeeded()
            }
        } catch {
            return error
        }
    }

    private func freeSlots() async -> Int {
        guard !scope.inFlight.hasFreeSlot else { return await scope.inFlight.freeSlots() }
        scope.activity.waits()
        defer { scope.activity.goesOn(at: scope.clock.now) }
        return await scope.inFlight.freeSlots()
    }

    /// - Returns: false when more came than there was room for.
    private func fill(
        _ free: Int, by plan: inout LanePlan, from reader: any StreamReader, until wait: Duration
    ) async throws(StoreError) -> Bool {
        switch plan.next(free: free) {
        case .wait(let count):
            let asked = scope.clock.now
            let delivered = try await reader.wait(count, for: max(.milliseconds(1), wait))
            scope.activity.hasRead(at: scope.clock.now)
            note(delivered, of: Lane.allCases.map { LaneRead($0, count) }, in: &plan)
            _ = await take(delivered, asked: asked)
            return delivered.count <= free
        case .read(let groups):
            var free = free
            for group in groups where free > 0 {
                let asked = scope.clock.now
                let reads = group.map { LaneRead($0.lane, min($0.count, free)) }
                let delivered = try await reader.read(reads)
                scope.activity.hasRead(at: scope.clock.now)
                note(delivered, of: reads, in: &plan)
                free -= await take(delivered, asked: asked)
            }
            return true
        }
    }

    private func note(_ delivered: [Delivered], of reads: [LaneRead], in plan: inout LanePlan) {
        for read in reads { plan.received(delivered.count { $0.entry.lane == read.lane }, of: read) }
    }

    /// A paused queue is looked at again later. A stop is not to wait for that.
    private func pause(for time: Duration) async {
        let step = min(time, .milliseconds(50))
        var left = time
        while left > .zero, !scope.inFlight.isClosed {
            try? await Task.sleep(for: step)
            left -= step
        }
    }

    /// - Parameter asked: when the store was asked for the entries. They may have been delivered right then.
    /// - Returns: how many slots were taken.
    private func take(_ entries: [Delivered], asked: Duration) async -> Int {
        var taken = 0
        for delivered in await stillHeld(entries, asked: asked) {
            guard scope.inFlight.begin(delivered, leasedAt: asked) else { continue }
            // Lanes that were waited on together may have given more than there are slots.
            if scope.inFlight.isClosed || scope.inFlight.count > scope.inFlight.slots {
                scope.inFlight.end(delivered.entry)
                scope.activity.waits()
                await handBack(delivered)
                scope.activity.goesOn(at: scope.clock.now)
            } else {
                start(delivered)
                taken += 1
            }
        }
        return taken
    }

    /// Of entries whose delivery was heard of late, because the process or the network stood still, those that are this
    /// worker's yet: another may have run them meanwhile.
    private func stillHeld(_ entries: [Delivered], asked: Duration) async -> [Delivered] {
        guard !entries.isEmpty, scope.clock.now - asked > scope.options.lease / 2 else { return entries }
        var held: [Delivered] = []
        for lane in Lane.allCases {
            let ofLane = entries.filter { $0.entry.lane == lane }.sorted { $0.entry < $1.entry }
            guard !ofLane.isEmpty else { continue }
            do throws(StoreError) {
                let kept = try await scope.store.extend(
                    ofLane.map { Held(entry: $0.entry, deliveries: $0.deliveries) }, of: scope.queue, lane: lane,
                    consumer: scope.consumer)
                held += zip(ofLane, kept).filter(\.1).map(\.0)
            } catch {
                // They are delivered again when their lease has run out.
                scope.logger.warning(
                    "Jobs that came late are not begun",
                    metadata: ["queue": "\(scope.queue.name)", "jobs": "\(ofLane.count)", "error": "\(error)"])
            }
        }
        return held
    }
}
