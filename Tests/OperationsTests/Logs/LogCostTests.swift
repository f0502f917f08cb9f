import Foundation
import Logging
import TestSupport
import Testing

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
}
