import Foundation
import HTTPTypes
import HummingbirdTesting
import JobRuntime
import NIOCore
import Testing

@testable import Ingress

@Suite struct BatchRouteTests {
    static let path = "/api/v1/messages/batch"

    static func sms(_ body: String = "hi", to: String = "+15559876543") -> String {
        #"{"from":"+15551234567","to":"\#(to)","type":"sms","body":"\#(body)"}"#
    }

    static func batch(_ messages: [String]) -> String { #"{"messages":[\#(messages.joined(separator: ","))]}"# }

    @Test func theGoodOnesGoAndTheBadOnesSayWhy() async throws {
        let intake = FakeIntake()
        let mail = #"{"from":"a@e.co","to":"b@e.co","type":"email","subject":"s","body":"t"}"#
        let bad = #"{"from":"+15551234567","to":"5","type":"sms","body":"","colour":"red"}"#
        let answer = try await Client(intake).post(Self.path, Self.batch([Self.sms(), bad, mail, "7"]))
        #expect(answer.status == 202)
        let object = try answer.object()
        #expect(object["accepted"] == 2)
        #expect(object["refused"] == 2)
        let results = try #require(object["results"]?.array)
        #expect(results.map { $0["index"] } == [0, 1, 2, 3])
        #expect(
            results.map { $0["id"]?.string } == [
                intake.jobs[0].id.description, nil, intake.jobs[1].id.description, nil,
            ])
        #expect(results[2]["type"] == "email")
        #expect(results[0]["status"] == "pending")
        #expect(results[1]["problem"]?["status"] == 422)
        let pointers = results[1]["problem"]?["errors"]?.array?.compactMap { $0["pointer"]?.string } ?? []
        #expect(Set(pointers) == ["/messages/1/to", "/messages/1/body", "/messages/1/colour"])
        #expect(
            results[3]["problem"]?["errors"]?.array == [
                ["pointer": "/messages/3", "detail": "must be an object, not a number"]
            ])
        #expect(intake.jobs.map(\.queue.name) == ["message_queue:sms", "message_queue:email"])
    }

    @Test func aThousandAreTakenAndOneMoreIsNot() async throws {
        let intake = FakeIntake()
        let answer = try await Client(intake).post(
            Self.path, Self.batch((0..<1000).map { Self.sms("message \($0)") }))
        #expect(answer.status == 202)
        #expect(intake.jobs.count == 1000)
        let more = try await Client(intake).post(Self.path, Self.batch((0..<1001).map { Self.sms("message \($0)") }))
        #expect(more.status == 422)
        #expect(
            try more.problem().errors == [.init(pointer: "/messages", detail: "must have 1 to 1000 messages, not 1001")]
        )
        #expect(intake.jobs.count == 1000)
    }

    @Test(arguments: [
        (#"{}"#, "/messages", "is required"),
        (#"{"messages":[]}"#, "/messages", "must have 1 to 1000 messages, not 0"),
        (#"{"messages":{}}"#, "/messages", "must be an array, not an object"),
        (#"{"messages":null}"#, "/messages", "is required"),
        (#"[]"#, "", "must be an object, not an array"),
    ])
    func whatIsNoBatchIsRefusedAsAWhole(_ json: String, _ pointer: String, _ detail: String) async throws {
        let intake = FakeIntake()
        let answer = try await Client(intake).post(Self.path, json)
        #expect(answer.status == 422)
        let problem = try answer.problem()
        #expect(problem.type == "urn:posthaste:problem:invalid-batch")
        #expect(problem.errors == [.init(pointer: pointer, detail: detail)])
        #expect(intake.jobs.isEmpty)
    }

    @Test func oneBrokenMessageBreaksTheDocument() async throws {
        let intake = FakeIntake()
        let answer = try await Client(intake).post(Self.path, Self.batch([Self.sms(), "{"]))
        #expect(answer.status == 400)
        #expect(intake.jobs.isEmpty)
    }

    @Test func whereNoneCanGoTheAnswerSaysWhetherToTryAgain() async throws {
        let down = try await Client(FakeIntake(.unavailable)).post(Self.path, Self.batch([Self.sms(), "{}"]))
        #expect(down.status == 503)
        #expect(down.headers[.retryAfter] == "2")
        #expect(try down.object()["refused"] == 2)
        let bad = try await Client().post(Self.path, Self.batch(["{}", "{}"]))
        #expect(bad.status == 422)
        #expect(bad.headers[.retryAfter] == nil)
    }

    /// Whoever repeats it by itself would send twice what was accepted after all.
    @Test func whatIsInDoubtIsNoReasonToTryAgain() async throws {
        let answer = try await Client(FakeIntake(.uncertain)).post(Self.path, Self.batch([Self.sms(), "{}"]))
        #expect(answer.status == 500)
        #expect(answer.headers[.retryAfter] == nil)
        let problem = try answer.object()["results"]?.array?[0]["problem"]
        #expect(problem?["type"] == "urn:posthaste:problem:outcome-uncertain")
        #expect(problem?["message_url"] != nil)
    }

    @Test func anAnswerIsNotMuchLargerThanItsRequest() async throws {
        let bad = "{" + (0..<100).map { "\"m\($0)\":0" }.joined(separator: ",") + "}"
        let request = Self.batch(Array(repeating: bad, count: 1000))
        let answer = try await Client().post(Self.path, request)
        #expect(answer.status == 422)
        #expect(answer.body.readableBytes < 2 * request.utf8.count)
        let results = try #require(try answer.object()["results"]?.array)
        #expect(results.count == 1000)
        #expect(!results.contains { $0["problem"]?["errors"]?.array?.isEmpty ?? true })
    }

    @Test func whatIsTooMuchIsCountedAndNotKept() async throws {
        let many = String(repeating: "0,", count: 100_000) + "0"
        let batch = try await Client().post(Self.path, #"{"messages":[\#(many)]}"#)
        #expect(try batch.problem().errors?.first?.detail == "must have 1 to 1000 messages, not 100001")
        let media = Self.sms().dropLast() + #","attachments":[\#(many)]}"#
        #expect(try await Client().send(String(media)).problem().pointers.contains("/attachments"))
        let names = (0..<100_000).map { "\"\($0)\":\"\"" }.joined(separator: ",")
        let data = Self.sms().dropLast() + #","metadata":{\#(names)}}"#
        #expect(
            try await Client().send(String(data)).problem().errors == [
                .init(pointer: "/metadata", detail: "must have at most 32 members")
            ])
    }

    @Test func eachMessageHasAnIdempotencyKeyOfItsOwn() async throws {
        let intake = FakeIntake()
        _ = try await Client(intake).post(
            Self.path, Self.batch([Self.sms(), Self.sms()]), headers: [.idempotencyKey: "k"])
        let keys = intake.jobs.compactMap(\.idempotency?.key)
        #expect(Set(keys).count == 2)
        #expect(intake.jobs.count == 2)
    }
}

@Suite struct MessageImportTests {
    private func post(
        _ lines: String, to intake: FakeIntake = FakeIntake(), prefer: String? = nil, setup: TestingSetup = .live,
        longest: Int? = nil
    ) async throws -> (status: Int, lines: [JSON]) {
        var headers: HTTPFields = [.contentType: "application/x-ndjson"]
        if let prefer { headers[.prefer] = prefer }
        var client = Client(intake)
        client.settings.maximumBodySize = 1 << 20
        client.setup = setup
        if let longest { client.settings.maximumBodySize = longest }
        let answer = try await client.post(BatchRouteTests.path, lines, headers: headers)
        let text = String(buffer: answer.body)
        let parsed = try text.split(separator: "\n").map { try JSONDecoder().decode(JSON.self, from: Data($0.utf8)) }
        return (answer.status, parsed)
    }

    @Test func linesAreTakenInAndOnlyWhatWasRefusedIsTold() async throws {
        let intake = FakeIntake()
        let text = "\(BatchRouteTests.sms("one"))\n\n{}\nnonsense\n\(BatchRouteTests.sms("two"))"
        let answer = try await post(text, to: intake)
        #expect(answer.status == 200)
        #expect(intake.jobs.count == 2)
        #expect(answer.lines.map { $0["line"] } == [3, 4, nil])
        #expect(answer.lines[0]["problem"]?["status"] == 422)
        #expect(answer.lines[1]["problem"]?["status"] == 400)
        #expect(answer.lines[2] == ["lines": 5, "accepted": 2, "refused": 2, "complete": .bool(true)])
    }

    @Test func compressedLinesAreNotRead() async throws {
        let answer = try await Client().post(
            BatchRouteTests.path, "x", headers: [.contentType: "application/x-ndjson", .contentEncoding: "gzip"])
        #expect(answer.status == 415)
    }

    @Test func longLinesTakeOfTheMemoryForBodies() async throws {
        var client = Client()
        client.settings.bodyMemory = 1 << 20
        client.setup = .live
        let answer = try await client.post(
            BatchRouteTests.path, String(repeating: "x", count: 3 << 20),
            headers: [.contentType: "application/x-ndjson"])
        #expect(answer.status == 200)
        let sum = String(buffer: answer.body)
        #expect(sum.contains(#""complete":false"#) && sum.contains("after line 0"))
    }

    @Test func whoPrefersItHearsOfEachMessage() async throws {
        let intake = FakeIntake()
        let answer = try await post(
            "\(BatchRouteTests.sms())\r\n\(BatchRouteTests.sms())\r\n", to: intake, prefer: "return=representation")
        #expect(answer.lines.dropLast().map { $0["id"]?.string } == intake.jobs.map(\.id.description))
        #expect(answer.lines.last == ["lines": 2, "accepted": 2, "refused": 0, "complete": .bool(true)])
    }

    @Test func manyLinesAreTakenInPieces() async throws {
        let intake = FakeIntake()
        let text = (0..<3456).map { BatchRouteTests.sms("message \($0)") }.joined(separator: "\n")
        let answer = try await post(text, to: intake)
        #expect(answer.lines == [["lines": 3456, "accepted": 3456, "refused": 0, "complete": .bool(true)]])
        #expect(intake.jobs.count == 3456)
    }

    @Test func afterAThousandRefusalsTheImportEnds() async throws {
        let intake = FakeIntake()
        let text = String(repeating: "{}\n", count: 5000) + BatchRouteTests.sms()
        let answer = try await post(text, to: intake, setup: .router)
        let sum = try #require(answer.lines.last)
        #expect(sum["complete"] == .bool(false))
        #expect(sum["ended"]?.string?.hasSuffix("messages were refused") == true)
        #expect(intake.jobs.isEmpty)
        #expect(answer.lines.count < 2000)
    }

    @Test func linesMustNotBeCompressed() async throws {
        let answer = try await Client().post(
            BatchRouteTests.path, "", headers: [.contentType: "application/x-ndjson", .contentEncoding: "gzip"])
        #expect(answer.status == 415)
        #expect(answer.headers[.acceptEncoding] == "identity")
    }

    @Test func aLineThatDoesNotEndIsNotHeldForEver() async throws {
        let intake = FakeIntake()
        let text = BatchRouteTests.sms() + "\n" + String(repeating: "x", count: 3 << 20)
        let answer = try await post(text, to: intake, longest: 1 << 20)
        #expect(answer.lines.last?["complete"] == .bool(false))
        #expect(answer.lines.last?["ended"]?.string?.contains("a line has more than") == true)
    }
}

@Suite struct LineReaderTests {
    private func lines(_ pieces: [String], limit: Int = 100) throws -> [String] {
        var reader = LineReader(limit: limit)
        var lines: [String] = []
        for piece in pieces {
            reader.append(ByteBuffer(string: piece))
            while let line = try reader.next() { lines.append(String(buffer: line)) }
        }
        if let last = reader.last() { lines.append(String(buffer: last)) }
        return lines
    }

    @Test(arguments: [1, 2, 3, 5, 7, 100]) func theSameLinesInWhateverPieces(_ size: Int) throws {
        let text = "ab\n\ncdefg\nh"
        let characters = Array(text)
        let pieces = stride(from: 0, to: characters.count, by: size).map { start in
            String(characters[start..<min(start + size, characters.count)])
        }
        #expect(try lines(pieces) == ["ab", "", "cdefg", "h"])
    }

    @Test func aLineMayBeAsLongAsTheLimit() throws {
        #expect(try lines(["abcd\nef"], limit: 4) == ["abcd", "ef"])
        #expect(throws: LineReader.TooLong.self) { try lines(["abcde\n"], limit: 4) }
        #expect(throws: LineReader.TooLong.self) { try lines(["ab", "cde"], limit: 4) }
    }
}
