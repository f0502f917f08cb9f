import Testing

@testable import JobRuntime

@Suite struct JobIDTickTests {
    private let tick: Int64 = 1_767_225_600_000

    @Test(arguments: [
        ("reports", 0, "019b76da-a800-7000-b051-38cf4bc38e38"),
        ("reports", 3, "019b76da-a800-7003-b051-38cf4bc38e38"),
        ("", 0, "019b76da-a800-7000-b64b-1a647c04f206"),
        ("täglich", 0, "019b76da-a800-7000-bcff-a568dde9e14b"),
    ])
    func theIdIsTheSameInEveryProcess(schedule: String, partition: Int, expected: String) {
        #expect(JobID.tick(of: schedule, at: tick, partition: partition).description == expected)
    }

    @Test func theIdHoldsTheTickAndThePartition() {
        let id = JobID.tick(of: "reports", at: tick, partition: 77)
        #expect(id.milliseconds == tick)
        #expect(id.partition == 77)
        #expect(JobID(id.description) == id)
    }

    @Test func schedulesAndTicksThatDifferLittleDifferInHalfTheirBits() {
        let ids =
            (0..<64).map { JobID.tick(of: "schedule-\($0)", at: tick) }
            + (1..<64).map { JobID.tick(of: "schedule-0", at: tick + $0) }
        #expect(Set(ids.map(\.low)).count == ids.count)
        for (one, other) in zip(ids, ids.dropFirst()) {
            #expect(10...52 ~= (one.low ^ other.low).nonzeroBitCount)
        }
    }
}
