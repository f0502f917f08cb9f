import CMalloc
import Foundation
import NIOCore

enum Heap {
    /// Lets the C library keep one heap for each core. By default it keeps eight, and gives little of them back: a worker
    /// with a thousand messages in flight is larger by a twentieth then. `MALLOC_ARENA_MAX` goes before.
    /// Source: mallopt(3), M_ARENA_MAX
    static func bound() {
        guard ProcessInfo.processInfo.environment["MALLOC_ARENA_MAX"] == nil else { return }
        cmalloc_bound_arenas(Int32(max(2, System.coreCount)))
    }
}
