import Synchronization

/// A value that tasks share in a test.
public final class Locked<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>

    public init(_ value: Value) { storage = Mutex(value) }

    public var value: Value {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }

    public func update<Result: Sendable>(_ change: (inout Value) -> Result) -> Result {
        storage.withLock { value in change(&value) }
    }
}
