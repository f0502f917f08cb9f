import NIOCore
import Testing

@testable import JobRuntime

@Suite struct JobMetaTests {
    private func read(_ json: String) -> JobMeta? { JobMeta(json: ByteBuffer(string: json)) }

    @Test func mostJobsHaveNothingToSay() {
        #expect(JobMeta().json == "{}")
        #expect(read("{}") == JobMeta())
        #expect(JobMeta(lane: .normal).json == "{}", "the normal lane is not written")
    }

    @Test func theFieldsHaveTheNamesOfTheContract() {
        var meta = JobMeta(lane: .high, expiresAt: 17)
        meta.trace = ["traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=b/c"]
        meta.snoozes = 3
        meta.parkedAt = 5
        meta.redrivenAt = 6
        meta.restoredAt = 7
        #expect(
            meta.json
                == """
                {"expires_at":17,"parked_at":5,"priority":"high","redriven_at":6,"restored_at":7,\
                "snoozes":3,"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","tracestate":"a=b/c"}
                """)
        #expect(read(meta.json) == meta)
    }

    @Test func eachFieldAloneIsReadBack() {
        let changes: [(inout JobMeta) -> Void] = [
            { $0.lane = .high }, { $0.lane = .low }, { $0.expiresAt = 0 }, { $0.expiresAt = .max },
            { $0.trace["traceparent"] = "x" }, { $0.trace["tracestate"] = "\"quoted\" \u{1F980}" }, { $0.snoozes = 1 },
            { $0.parkedAt = 1 }, { $0.redrivenAt = 1 }, { $0.restoredAt = 1 },
        ]
        for change in changes {
            var meta = JobMeta()
            change(&meta)
            #expect(meta.json != "{}")
            #expect(read(meta.json) == meta, "\(meta.json)")
        }
    }

    @Test func whatALaterVersionAddsIsNoHindrance() {
        #expect(read("{\"tenant\":7,\"snoozes\":2,\"deep\":{\"a\":[1]}}")?.snoozes == 2)
    }

    @Test(arguments: ["urgent", "HIGH", ""])
    func anUnknownPriorityIsANormalOne(priority: String) {
        #expect(read("{\"priority\":\"\(priority)\"}") == JobMeta())
    }

    @Test(arguments: [
        "", "x", "[]", "17", "nil", "null", "{", "{}}", "[1]", "{\"snoozes\":\"many\"}", "{\"expires_at\":1.5}",
        "{\"priority\":7}", "{\"traceparent\":{}}",
    ])
    func whatIsNoSuchObjectIsRefused(json: String) { #expect(read(json) == nil) }
}
