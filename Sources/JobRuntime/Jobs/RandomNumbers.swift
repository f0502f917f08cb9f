import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The system's random numbers, asked for by the dozen: a call into the kernel costs more than all else about an id.
enum RandomNumbers {
    private static let stock = Mutex<[UInt64]>([])

    static func next() -> UInt64 {
        stock.withLock { stock in
            if stock.isEmpty { stock = fetch() }
            return stock.popLast() ?? .random(in: .min ... .max)
        }
    }

    /// As many as the system gives in one call; none where it refuses.
    private static func fetch() -> [UInt64] {
        [UInt64](unsafeUninitializedCapacity: 32) { numbers, count in
            count = getentropy(numbers.baseAddress, 256) == 0 ? 32 : 0
        }
    }
}
