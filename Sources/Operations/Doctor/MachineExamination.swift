#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension MachineFacts {
    /// What a process may have open now, and what it may raise that to; nil where the system does not say.
    public static func openFiles() -> (now: Int, most: Int)? {
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return nil }
        return (Int(clamping: limit.rlim_cur), Int(clamping: limit.rlim_max))
    }

    /// Whether this machine gives huge pages to programs that did not ask; nil where it does not say.
    public static func hasHugePages() -> Bool? {
        let descriptor = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes.prefix(count), as: UTF8.self).contains("[always]")
    }
}
