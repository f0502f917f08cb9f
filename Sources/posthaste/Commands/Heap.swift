import CMalloc
import Foundation
import NIOCore

enum Heap {
    /// Lets the C library keep one heap for each core, and two at least. By default it keeps eight for each, and gives little
    /// of them back: with a thousand messages in flight a worker was larger by a twentieth. Whoever says otherwise
    /// (`MALLOC_ARENA_MAX`, `GLIBC_TUNABLES`) is heard.
    /// Source: mallopt(3), M_ARENA_MAX
    static func bound() {
        let environment = ProcessInfo.processInfo.environment
        guard environment["MALLOC_ARENA_MAX"] == nil, environment["GLIBC_TUNABLES"] == nil else { return }
        cmalloc_bound_arenas(Int32(max(2, System.coreCount)))
    }
}
