import JobRuntime
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes a line for each request, without making a request wait: lines are gathered in memory and written together by
/// a thread of its own. Where nobody reads them, those that no longer fit are left out and counted.
final class AccessLog: Service {
    /// In bytes; some thousands of lines.
    private static let most = 1 << 20
    /// How long lines are gathered, and how long the end waits for a reader that is stuck.
    private static let pause = Duration.milliseconds(50)
    private static let patience = TimeAmount.seconds(2)

    private struct Pending {
        var bytes: [UInt8] = []
        var dropped = 0
    }

    private let descriptor: Int32
    private let logger: Logger
    private let pending = Mutex(Pending())
    /// When writing is given up, on the clock of ``NIODeadline``.
    private let end = Atomic(UInt64.max)
    private let (wake, waker) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// - Parameter descriptor: where the lines go; it stays open.
    init(to descriptor: Int32 = STDOUT_FILENO, logger: Logger) {
        self.descriptor = descriptor
        self.logger = logger
        pending.withLock { $0.bytes.reserveCapacity(64 << 10) }
    }

    func write(_ line: AccessLine) {
        let now = Int64.unixMilliseconds
        let isFirst = pending.withLock { pending in
            guard pending.bytes.count < Self.most else {
                pending.dropped += 1
                return false
            }
            let isFirst = pending.bytes.isEmpty
            line.write(to: &pending.bytes, at: now)
            return isFirst
        }
        if isFirst { waker.yield() }
    }

    func run() async throws {
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        await withTaskCancellationOrGracefulShutdownHandler {
            for await _ in wake {
                // Cancelled: what there is goes out at once.
                try? await Task.sleep(for: Self.pause)
                await flush(threads)
            }
        } onCancelOrGracefulShutdown: {
            self.end.store((NIODeadline.now() + Self.patience).uptimeNanoseconds, ordering: .relaxed)
            self.waker.finish()
        }
        await flush(threads)
        try? await threads.shutdownGracefully()
    }

    private func flush(_ threads: NIOThreadPool) async {
        let taken = pending.withLock { pending in
            let taken = pending
            pending = Pending()
            pending.bytes.reserveCapacity(64 << 10)
            return taken
        }
        let isWritten = try? await threads.runIfActive { self.put(taken.bytes) }
        if isWritten != true {
            logger.warning("access log: lines are lost, since they could not be written")
        }
        if taken.dropped > 0 {
            logger.warning(
                "access log: lines were left out, since nobody read them", metadata: ["lines": "\(taken.dropped)"])
        }
    }

    /// Blocks its thread.
    ///
    /// - Returns: whether all of it was written.
    private func put(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                if poll(&poller, 1, 100) == 0 {
                    if NIODeadline.now().uptimeNanoseconds >= end.load(ordering: .relaxed) { return false }
                    continue
                }
                // A pipe that has room takes this much without blocking (POSIX, PIPE_BUF).
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(4096))
                #if canImport(Darwin)
                    let written = Darwin.write(descriptor, part.baseAddress, part.count)
                #elseif canImport(Musl)
                    let written = Musl.write(descriptor, part.baseAddress, part.count)
                #else
                    let written = Glibc.write(descriptor, part.baseAddress, part.count)
                #endif
                if written >= 0 {
                    rest = rest.dropFirst(written)
                } else if errno != EINTR && errno != EAGAIN {
                    return false
                }
            }
            return true
        }
    }
}
