public import Logging
public import ServiceLifecycle
import Synchronization
import Tracing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Sends the spans of its ``tracer`` to a collector by OTLP/HTTP: some hundred at a time, or what there is after a second.
///
/// One post is on its way at a time. While a collector is slow or away spans wait, as many as there is room for; what is
/// more is left out, counted (`traces_dropped_total`) and told once. Nobody else ever waits.
public final class TraceExporter: Service {
    public let tracer: TraceTracer
    private let settings: TraceSettings
    private let request: TraceRequest
    private let queue: SpanQueue
    private let logger: Logger
    private let (wake, waker): (AsyncStream<Void>, AsyncStream<Void>.Continuation)
    private let isStopping = Atomic(false)
    private let isFailing = Atomic(false)

    /// To be made after the metrics' backend.
    public init(_ settings: TraceSettings, logger: Logger) {
        let (wake, waker) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.settings = settings
        (self.wake, self.waker) = (wake, waker)
        queue = SpanQueue(capacity: settings.capacity) { waker.yield() }
        tracer = TraceTracer(ratio: settings.ratio, queue: queue)
        request = TraceRequest(resource: Self.resource(settings))
        self.logger = logger
    }

    /// Ends, at a graceful shutdown, when what is left has been sent, and at the latest after ``TraceSettings/farewell``.
    public func run() async {
        let collector = Collector(settings)
        let (end, ended) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        await withTaskCancellationOrGracefulShutdownHandler {
            await withTaskGroup { race in
                race.addTask { await self.export(to: collector) }
                race.addTask {
                    for await _ in end { break }
                    try? await Task.sleep(for: self.settings.farewell)
                }
                await race.next()
                race.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            self.isStopping.store(true, ordering: .relaxed)
            self.waker.finish()
            ended.finish()
        }
        queue.drop(queue.take().count)
        tellDrops(because: "the process ends")
        await collector.shutdown()
    }

    private func export(to collector: Collector) async {
        for await _ in wake {
            await gather()
            await send(queue.take(), to: collector)
        }
        await send(queue.take(), to: collector)
    }

    /// Waits for a batch, but not for long.
    private func gather() async {
        let end = ContinuousClock.now + settings.delay
        let step = min(settings.delay, .milliseconds(50))
        while queue.count < settings.batch, ContinuousClock.now < end, !isStopping.load(ordering: .relaxed) {
            guard (try? await Task.sleep(for: step)) != nil else { return }
        }
    }

    private func send(_ spans: [SpanRecord], to collector: Collector) async {
        for start in stride(from: 0, to: spans.count, by: settings.batch) {
            let batch = spans[start..<min(start + settings.batch, spans.count)]
            if let reason = await post(batch, to: collector) {
                queue.drop(batch.count)
                tellDrops(because: reason)
            } else if isFailing.exchange(false, ordering: .relaxed) {
                logger.notice("Traces are taken again", metadata: ["dropped": "\(queue.takeDropped())"])
            } else if queue.takeDropped() > 0 {
                logger.debug("Spans were left out: the collector is too slow")
            }
        }
    }

    /// - Returns: why they were not taken; nil: they were.
    private func post(_ batch: ArraySlice<SpanRecord>, to collector: Collector) async -> String? {
        let body = request.bytes(batch)
        var backoff = settings.backoff
        for number in 1... {
            switch await collector.post(body) {
            case .taken: return nil
            case .refused(let reason): return reason
            case .later(let wait, let reason):
                guard number < settings.tries, !Task.isCancelled else { return reason }
                try? await Task.sleep(for: min(wait ?? backoff * Double.random(in: 0.5...1), settings.longestWait))
                backoff *= 2
            }
        }
        return nil
    }

    /// Once for each time that a collector is away.
    private func tellDrops(because reason: String) {
        // The rest is told when it is over.
        guard !isFailing.exchange(true, ordering: .relaxed) else { return }
        logger.warning(
            "Traces are not taken by the collector: spans are left out",
            metadata: ["reason": "\(reason)", "dropped": "\(queue.takeDropped())"])
    }

    private static func resource(_ settings: TraceSettings) -> [(String, SpanAttribute)] {
        var name = [CChar](repeating: 0, count: 256)
        _ = gethostname(&name, name.count - 1)
        let host = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let instance = "\(host)-\(getpid())-\(String(UInt32.random(in: .min ... .max), radix: 36))"
        return [
            ("service.name", .string(settings.service)), ("service.version", .string(settings.version)),
            ("service.instance.id", .string(instance)), ("host.name", .string(host)),
            ("process.pid", .int64(Int64(getpid()))), ("telemetry.sdk.name", "posthaste"),
            ("telemetry.sdk.language", "swift"),
        ]
    }
}
