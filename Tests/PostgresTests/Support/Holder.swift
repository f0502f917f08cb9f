import Dispatch
import TestSupport

/// Keeps the thread of a body until it is let go.
final class Holder: Sendable {
    private let held = Locked(false)
    private let free = DispatchSemaphore(value: 0)

    var isHeld: Bool { held.value }

    func hold() {
        held.value = true
        free.wait()
    }

    func release() { free.signal() }
}
