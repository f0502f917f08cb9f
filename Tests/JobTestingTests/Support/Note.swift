import JobRuntime
import TestSupport

/// The job of these tests.
struct Note: Job, Equatable {
    static let kind = "note"
    var number: Int
}

/// The attempts that handlers were given, as they came.
final class Runs: Sendable {
    private let attempts = Locked<[Attempt]>([])

    func add(_ attempt: Attempt) { attempts.update { $0.append(attempt) } }

    var all: [Attempt] { attempts.value }
    var numbers: [Int] { all.map(\.number) }
    var deliveries: [Int] { all.map(\.deliveries) }
}

extension JobHandlers {
    /// One handler, of notes, that keeps count.
    static func notes(
        _ runs: Runs = Runs(), policy: RetryPolicy = .standard, timeout: Duration? = nil,
        _ run: @escaping @Sendable (Attempt) async throws -> Outcome = { _ in .succeeded() }
    ) -> JobHandlers {
        var handlers = JobHandlers()
        handlers.register(Note.self, policy: policy, timeout: timeout) { _, attempt in
            runs.add(attempt)
            return try await run(attempt)
        }
        return handlers
    }
}

/// Where handlers wait until the test lets them go on.
final class Gate: Sendable {
    private let state = Locked<(isOpen: Bool, arrived: Int)>((false, 0))

    var arrived: Int { state.value.arrived }

    func open() { state.update { $0.isOpen = true } }

    /// - Throws: `CancellationError` when cancelled.
    func pass() async throws {
        state.update { $0.arrived += 1 }
        while !state.value.isOpen {
            try await Task.sleep(for: .milliseconds(2))  // allowed: the pause between two looks at the gate
        }
    }

    /// Waits for the gate and for nothing else, whoever cancels: the careless handler.
    func passStubbornly() async {
        await Task { try? await pass() }.value
    }
}
