import Foundation

/// The thread that starts servers which are to die with this process: Linux tells them of the death of the thread that
/// started them, and those of the pools come and go.
enum LastingThread {
    private static let tasks = Locked<[@Sendable () -> Void]>([])
    private static let hasTask = DispatchSemaphore(value: 0)
    private static let thread: Void = {
        Thread.detachNewThread {
            while true {
                hasTask.wait()
                tasks.update { $0.isEmpty ? nil : $0.removeFirst() }?()
            }
        }
    }()

    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        thread
        return try await withCheckedThrowingContinuation { done in
            tasks.update { $0.append { done.resume(with: Result { try body() }) } }
            hasTask.signal()
        }
    }
}
