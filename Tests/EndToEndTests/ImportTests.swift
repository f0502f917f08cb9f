import AsyncHTTPClient
import Foundation
import JobRuntime
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// Many messages in one request, broken off and repeated.
@Suite(.timeLimit(.minutes(5))) struct ImportTests {
    private static let count = 2000

    private static func line(_ number: Int) -> String {
        #"{"from":"+15551234567","to":"+15559876543","type":"sms","body":"import \#(number)."}"# + "\n"
    }

    private struct Sum: Decodable, Equatable {
        let lines, accepted, refused: Int
        let complete: Bool
    }

    private func request(_ fleet: Fleet, key: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: fleet.url + "/api/v1/messages/batch")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-ndjson")
        request.headers.add(name: "Idempotency-Key", value: key)
        return request
    }

    private struct CutOff: Error {}

    /// Imports the first half, waits until that is in the queue, and breaks off in the middle of a line.
    private func breakOff(_ fleet: Fleet, key: String) async throws {
        var request = request(fleet, key: key)
        let half = Self.count / 2
        let pieces = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
        request.body = .stream(pieces.stream, length: .unknown)
        for number in 0..<half { pieces.continuation.yield(ByteBuffer(string: Self.line(number))) }
        let sent = Task { [request] in
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
            for try await _ in response.body {}
        }
        try await eventually("the first half is taken") {
            let messages = try await fleet.pending().reduce(0) { $0 + $1.depth }
            return try await messages + fleet.counts().twilio.accepted >= half
        }
        pieces.continuation.yield(ByteBuffer(string: String(Self.line(half).dropLast(20))))
        pieces.continuation.finish(throwing: CutOff())
        await #expect(throws: (any Error).self) { try await sent.value }
    }

    private func whole(_ fleet: Fleet, key: String) async throws -> Sum {
        var request = request(fleet, key: key)
        request.body = .bytes(ByteBuffer(string: (0..<Self.count).map(Self.line).joined()))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        #expect(response.status == .ok)
        let text = String(buffer: try await response.body.collect(upTo: 1 << 24))
        return try JSONDecoder().decode(Sum.self, from: Data(try #require(text.split(separator: "\n").last).utf8))
    }

    /// Nobody knows how far a request came that broke off; with its key it is made again, and each message goes once.
    @Test func anImportThatBreaksOffAndIsRepeatedIsSentOnce() async throws {
        let fleet = try await Fleet(settings: ["WORKER_CONCURRENCY": "100"])
        _ = try await fleet.startWorker()
        try await breakOff(fleet, key: "import-1")
        let sum = Sum(lines: Self.count, accepted: Self.count, refused: 0, complete: true)
        #expect(try await whole(fleet, key: "import-1") == sum)
        #expect(try await whole(fleet, key: "import-1") == sum)
        try await eventually("all are sent", within: .seconds(120)) {
            try await fleet.pending().allSatisfy { $0.depth == 0 && $0.retrying == 0 }
        }
        #expect(try await fleet.counts().twilio.accepted == Self.count)
        let duplicates: [Fleet.Duplicate] = try await fleet.simulated("duplicates").decoded()
        #expect(duplicates.isEmpty)
        try await fleet.expectEmptyQueues()
    }

    private struct Batch: Decodable {
        struct Result: Decodable { let id: String? }
        let accepted, refused: Int
        let results: [Result]
    }

    @Test func aBatchThatIsRepeatedIsSentOnceAndWhatIsWrongIsNamed() async throws {
        let fleet = try await Fleet()
        _ = try await fleet.startWorker()
        let good = (0..<20).map { Self.line($0).dropLast() }.joined(separator: ",")
        let body = #"{"messages":[\#(good),{"type":"fax"}]}"#
        var firsts: [[String?]] = []
        for _ in 0..<2 {
            let answer = try await fleet.call(
                .POST, "/api/v1/messages/batch", body, headers: ["Idempotency-Key": "batch-1"])
            #expect(answer.status == 202, "\(answer.text)")
            let batch: Batch = try answer.decoded()
            #expect(batch.accepted == 20 && batch.refused == 1)
            firsts.append(batch.results.map(\.id))
        }
        #expect(firsts[0] == firsts[1])
        try await fleet.allSent(firsts[0].compactMap(\.self))
        #expect(try await fleet.counts().twilio.accepted == 20)
        try await fleet.expectEmptyQueues()
    }

    /// Whatever a client was told while Redis was away, it makes the same request again until it is answered.
    @Test func aRequestThatIsRepeatedWhileRedisRestartsIsSentOnce() async throws {
        let fleet = try await Fleet()
        _ = try await fleet.startWorker()
        let told = Locked<[UInt]>([])
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<10 {
                group.addTask {
                    var id = ""
                    try await eventually("message \(number) is taken, twice") {
                        let headers = ["Idempotency-Key": "order-\(number)"]
                        let answer = try await fleet.text("order \(number).", headers: headers)
                        told.update { $0.append(answer.status) }
                        guard answer.status == 202 else { return false }
                        id = try answer.decoded(as: Fleet.Message.self).id
                        // Until Redis has been away and is back, over and over.
                        return told.value.contains { $0 >= 500 }
                    }
                    return id
                }
            }
            try await eventually("some are taken") { told.value.contains(202) }
            await fleet.redis.kill()
            try await eventually("some are refused") { told.value.contains { $0 >= 500 } }
            try await fleet.redis.start()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(told.value).isSubset(of: [202, 500, 503]), "\(Set(told.value))")
        try await fleet.allSent(ids)
        #expect(Set(ids).count == 10)
        #expect(try await fleet.counts().twilio.accepted == 10)
        try await fleet.expectEmptyQueues()
    }
}
