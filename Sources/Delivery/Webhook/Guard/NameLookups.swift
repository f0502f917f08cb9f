import JobRuntime
import NIOCore
import NIOPosix
import Synchronization

/// Looks hosts up on threads of its own, each host once at a time.
///
/// A customer's name server can keep a thread for as long as the system's resolver waits for it. Whoever asked does not
/// wait as long, and goes without an answer.
final class NameLookups: Sendable {
    private static let threadCount = 16

    /// Running and queued. A host has one at most, so this many hosts would have to be slow.
    private let maximum: Int
    private let resolver: NameResolver
    private let threads = NIOThreadPool(numberOfThreads: threadCount)
    private let underway = Mutex<[String: EventLoopFuture<[IPAddress]>]>([:])

    init(_ resolver: NameResolver, maximum: Int = 500) {
        self.resolver = resolver
        self.maximum = maximum
        threads.start()
    }

    /// - Throws: ``LookupFailure``, `CancellationError`, or what the resolver throws.
    func addresses(of host: String, within timeout: Duration) async throws -> [IPAddress] {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        // Of several ends a promise keeps the first.
        let answer = loop.makePromise(of: [IPAddress].self)
        lookup(of: host, on: loop).cascade(to: answer)
        let end = loop.scheduleTask(in: TimeAmount(timeout)) { answer.fail(LookupFailure.timedOut) }
        defer { end.cancel() }
        return try await withTaskCancellationHandler {
            try await answer.futureResult.get()
        } onCancel: {
            answer.fail(CancellationError())
        }
    }

    /// Does not wait for a lookup that still blocks its thread.
    func shutdown() {
        threads.shutdownGracefully { _ in }
    }

    private func lookup(of host: String, on loop: any EventLoop) -> EventLoopFuture<[IPAddress]> {
        let (lookup, isNew) = underway.withLock { underway -> (EventLoopFuture<[IPAddress]>, Bool) in
            if let lookup = underway[host] { return (lookup, false) }
            guard underway.count < maximum else { return (loop.makeFailedFuture(LookupFailure.tooMany), false) }
            let lookup = threads.runIfActive(eventLoop: loop) { [resolver] in try resolver.addresses(host) }
            underway[host] = lookup
            return (lookup, true)
        }
        if isNew { lookup.whenComplete { _ in self.underway.withLock { $0[host] = nil } } }
        return lookup
    }
}
