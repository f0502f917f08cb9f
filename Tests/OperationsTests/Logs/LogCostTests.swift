import Foundation
import JobRuntime
import Logging
import TestSupport
import Testing
import Tracing

@testable import Operations

/// What a line and a span cost, printed for whoever asks: `POSTHASTE_MEASURE=1`. The figures of docs/observability.md.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["POSTHASTE_MEASURE"] != nil, "POSTHASTE_MEASURE is unset"))
struct LogCostTests {
    @Test(arguments: LogFormat.allCases)
    func aLineOfAnAttempt(format: LogFormat) {
        let bytes = Locked(0)
        var logger = Logger(label: "posthaste.worker") { label in
            LineLogHandler(label: label, format: format, clock: { .unixMilliseconds }) { line in
                bytes.update { $0 += line.count }
            }
        }
        logger[metadataKey: "consumer"] = "host-12345-abcdef"
        let count = 100_000
        let elapsed = ContinuousClock().measure {
            for number in 0..<count {
                logger.info(
                    "Successfully processed message: 01980000-0000-7000-8000-000000000000",
                    metadata: [
                        "queue": "message_queue:sms", "job": "01980000-0000-7000-8000-000000000000", "kind": "sms",
                        "outcome": "succeeded", "attempt": .stringConvertible(1),
                        "deliveries": .stringConvertible(1), "duration_ms": .stringConvertible(Double(number) / 1000),
                        "trace": "4bf92f3577b34da6a3ce929d0e0e4736", "provider": "twilio",
                    ])
            }
        }
        print("\(format): \(elapsed / count) a line of \(bytes.value / count) bytes")
    }

    @Test(arguments: [0.0, 1.0])
    func aSpanOfAnAttempt(ratio: Double) {
        let queue = SpanQueue(capacity: 200_000) {}
        let tracer = TraceTracer(ratio: ratio, queue: queue)
        let count = 100_000
        let elapsed = ContinuousClock().measure {
            for number in 0..<count {
                let span = tracer.startSpan("process sms", context: .topLevel, ofKind: .consumer)
                if span.isRecording {
                    span.updateAttributes { attributes in
                        attributes["messaging.system"] = "redis"
                        attributes["messaging.destination.name"] = "message_queue:sms"
                        attributes["messaging.message.id"] = "01980000-0000-7000-8000-000000000000"
                        attributes["posthaste.attempt"] = number
                        attributes["posthaste.outcome"] = "succeeded"
                    }
                }
                span.end()
            }
        }
        print("sampled \(ratio): \(elapsed / count) a span")
        let spans = queue.take()
        guard !spans.isEmpty else { return }
        var bytes = 0
        let encoding = ContinuousClock().measure { bytes = TraceRequest(resource: []).bytes(spans).count }
        print("encoded: \(encoding / spans.count) a span of \(bytes / spans.count) bytes")
    }
}
