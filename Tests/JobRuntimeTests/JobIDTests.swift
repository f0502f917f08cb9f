import Foundation
import Testing

@testable import JobRuntime

@Suite struct JobIDTests {
    /// RFC 9562, appendix A.6: the example of version 7.
    private let example = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"

    @Test func theExampleOfTheRFCIsReadAsItsTimestamp() throws {
        let id = try #require(JobID(example))
        #expect(id.milliseconds == 1_645_557_742_000)
        #expect(id.partition == 0xCC3)
        #expect(id.description == example)
        #expect(JobID(example.uppercased()) == id)
    }

    @Test func versionAndVariantStandWhereTheRFCPutsThem() {
        for random in [UInt64.min, .max, 0x5555_5555_5555_5555] {
            let id = JobID(milliseconds: 1_700_000_000_123, partition: 4095, random: random)
            #expect(id.high >> 12 & 0xF == 7)
            #expect(id.low >> 62 == 0b10)
            #expect(id.milliseconds == 1_700_000_000_123)
            #expect(id.partition == 4095)
        }
    }

    @Test func whatIsWrittenIsReadBack() {
        for partition in [0, 1, 0x123, JobID.maximumPartition] {
            let id = JobID(partition: partition)
            #expect(JobID(id.description) == id)
            #expect(UUID(uuidString: id.description)?.uuidString.lowercased() == id.description)
            #expect(id.partition == partition)
        }
    }

    @Test func aPartitionTooLargeIsCutOffAndTouchesNothingElse() {
        let id = JobID(milliseconds: 7, partition: 0x1_0002, random: 0)
        #expect(id.partition == 2)
        #expect(id.description == "00000000-0007-7002-8000-000000000000")
    }

    @Test func textSortsAsTimeDoes() {
        let moments: [Int64] = [0, 1, 255, 256, 1_700_000_000_000, 1_700_000_000_001, 1 << 47]
        let ids = moments.map { JobID(milliseconds: $0).description }
        #expect(ids == ids.sorted())
    }

    @Test func twoIDsOfOneMomentDiffer() {
        let ids = Set((0..<10_000).map { _ in JobID(milliseconds: 1) })
        #expect(ids.count == 10_000)
    }

    @Test(arguments: [
        "", "017f22e2", "017f22e279b07cc398c4dc0c0c07398f",
        "017f22e2-79b0-4cc3-98c4-dc0c0c07398f",  // version 4
        "017f22e2-79b0-7cc3-18c4-dc0c0c07398f",  // another variant
        "017f22e2-79b0-7cc3-d8c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398",  // one short
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",  // one long
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2_79b0-7cc3-98c4-dc0c0c07398f",
        "017f22e-279b0-7cc3-98c4-dc0c0c07398f", " 017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        "{17f22e2-79b0-7cc3-98c4-dc0c0c073987}", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n",
    ])
    func whatIsNoUUIDOfVersion7IsRefused(text: String) {
        #expect(JobID(text) == nil)
    }

    @Test func asJSONItIsAString() throws {
        let id = JobID(partition: 9)
        let json = try JSONEncoder().encode([id])
        #expect(String(decoding: json, as: UTF8.self) == "[\"\(id)\"]")
        #expect(try JSONDecoder().decode([JobID].self, from: json) == [id])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([JobID].self, from: Data("[\"x\"]".utf8)) }
    }
}
