#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The open files that the system lets this process have: each connection is one.
public enum FileLimit {
    /// Files beside the connections: Redis, Postgres, and what the runtime needs.
    private static let others = 256

    /// Raises the limit as far as the system lets it.
    ///
    /// - Returns: how many connections there is room for.
    public static func raise(for connections: Int) -> Int {
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return connections }
        let wanted = rlim_t(connections + others)
        if limit.rlim_cur < wanted {
            limit.rlim_cur = min(limit.rlim_max, wanted)
            guard setrlimit(resource, &limit) == 0, getrlimit(resource, &limit) == 0 else { return connections }
        }
        return limit.rlim_cur >= wanted ? connections : max(1, Int(limit.rlim_cur) - others)
    }
}
