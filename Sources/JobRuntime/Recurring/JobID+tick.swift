/// Ids that are the same in every process, so that however many enqueue a job, there is one.
///
/// The random bits are FNV-1a (64 bits, Fowler, Noll and Vo) over the UTF-8 of a name and eight bytes of each number,
/// lowest first, spread by the finaliser of SplitMix64 (Steele, Lea and Flood, 2014), as FNV alone leaves names that
/// differ in their last letter close together. Both are fixed for good: Swift's own `Hasher` is seeded anew in every
/// process.
extension JobID {
    /// The id of the job that a tick of a schedule stands for.
    ///
    /// - Parameters:
    ///   - schedule: the name of the schedule.
    ///   - tick: Unix milliseconds.
    ///   - partition: 0 to ``maximumPartition``; more is cut off.
    public static func tick(of schedule: String, at tick: Int64, partition: Int = 0) -> JobID {
        JobID(
            milliseconds: tick, partition: partition,
            random: hash(schedule, UInt64(bitPattern: tick)))
    }

    /// The id of a job that follows another, in its partition.
    ///
    /// - Parameter name: what tells the jobs that follow the same one apart.
    public static func derived(from job: JobID, _ name: String) -> JobID {
        JobID(
            milliseconds: job.milliseconds, partition: job.partition, random: hash(name, job.high, job.low))
    }

    private static func hash(_ name: String, _ numbers: UInt64...) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for byte in name.utf8 { mix(byte) }
        for number in numbers {
            for shift in stride(from: 0, to: 64, by: 8) { mix(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
        return hash ^ hash >> 31
    }
}
