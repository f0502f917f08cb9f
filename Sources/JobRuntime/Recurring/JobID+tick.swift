extension JobID {
    /// The id of the job that a tick of a schedule stands for: the same in every process, so that however many enqueue
    /// the tick, there is one job.
    ///
    /// The random bits are FNV-1a (64 bits, Fowler, Noll and Vo) over the UTF-8 of the name and the eight bytes of the
    /// tick, lowest first, spread by the finaliser of SplitMix64 (Steele, Lea and Flood, 2014), as FNV alone leaves names
    /// that differ in their last letter close together. Both are fixed for good: Swift's own `Hasher` is seeded anew
    /// in every process.
    ///
    /// - Parameters:
    ///   - schedule: the name of the schedule.
    ///   - tick: Unix milliseconds.
    ///   - partition: 0 to ``maximumPartition``; more is cut off.
    public static func tick(of schedule: String, at tick: Int64, partition: Int = 0) -> JobID {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for byte in schedule.utf8 { mix(byte) }
        for shift in stride(from: 0, to: 64, by: 8) { mix(UInt8(truncatingIfNeeded: tick >> shift)) }
        hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
        return JobID(milliseconds: tick, partition: partition, random: hash ^ hash >> 31)
    }
}
