import Delivery
import JobRuntime
import Messaging
import Testing

@Suite struct ProviderHandlerTests {
    private struct Fixed: Provider {
        let name = "fixed"
        let verdict: Verdict

        func send(_ message: SMS, attempt: Attempt) async -> Verdict { verdict }
    }

    /// Stands for a provider whose try is broken off by a cancellation.
    private struct Cancelled: Provider {
        let name = "cancelled"
        let verdict: Verdict

        func send(_ message: SMS, attempt: Attempt) async -> Verdict {
            withUnsafeCurrentTask { $0?.cancel() }
            return verdict
        }
    }

    private static let fault = Fault(provider: "p", what: "w", remedy: "R.")

    @Test func aRedeliveryIsSentAgainWithAWarning() async throws {
        let book = LogBook()
        let handler = ProviderHandler(Fixed(verdict: .accepted(Receipt(provider: "fixed"))))
        let first = try await handler.run(sms, attempt: attempt(deliveries: 1, logger: book.logger))
        #expect(book.warnings.isEmpty)
        let again = try await handler.run(sms, attempt: attempt(deliveries: 2, logger: book.logger))
        #expect(first == again && first == .succeeded(result: #"{"provider":"fixed"}"#))
        #expect(book.warnings.count == 1 && book.warnings[0].contains("may get it twice"))
    }

    @Test func aCancelledTaskSendsNothing() async {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await ProviderHandler(Fixed(verdict: .accepted(Receipt(provider: "fixed"))))
                .run(sms, attempt: attempt())
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func aCancelledTryThatCanBeRepeatedGivesTheJobBack() async {
        let task = Task {
            try await ProviderHandler(Cancelled(verdict: .transient(Self.fault))).run(sms, attempt: attempt())
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func aCancelledTryThatMayHaveArrivedIsUnknown() async throws {
        let task = Task {
            try await ProviderHandler(Cancelled(verdict: .ambiguous(Self.fault))).run(sms, attempt: attempt())
        }
        #expect(try await task.value == .unknown(error: "p: w. R."))
    }
}
