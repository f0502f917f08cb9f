import Foundation
import HTTPTypes
import JobRuntime
import JobTesting
import Messaging
import NIOCore
import Testing

@testable import Ingress

/// What a client, and what an operator, can still do about a message. The queue is in memory, and its own.
@Suite struct MessageActionTests {
    private let runtime = TestRuntime(queues: [JobQueue("message_queue:sms")], jitter: 0) { _ in
        var handlers = JobHandlers()
        handlers.register(SMS.self, policy: .standard) { sms, attempt in
            switch sms.body {
            case "dies":
                attempt.meta.redrivenAt == nil ? .dead(reason: .permanent, error: "no such number") : .succeeded()
            case "waits": .retry(error: "busy", after: .seconds(600))
            case "doubt": .unknown(error: "no answer")
            default: .succeeded()
            }
        }
        return handlers
    }

    private var client: Client {
        var client = Client(JobClient(store: runtime.store))
        client.deadLetters = runtime.store.deadLetters
        return client
    }

    private func send(_ body: String, extra: String = "") async throws -> String {
        let json = #"{"from":"+15551234567","to":"+15559876543","type":"sms","body":"\#(body)"\#(extra)}"#
        let answer = try await client.send(json)
        return try #require(try answer.object()["id"]?.string)
    }

    private func act(_ id: String, _ action: String) async throws -> Answer {
        try await client.post("/api/v1/messages/\(id)/\(action)")
    }

    @Test func whatWaitsIsCanceled() async throws {
        let id = try await send("hi")
        let answer = try await act(id, "cancel")
        #expect(answer.status == 200)
        #expect(try answer.object()["status"] == "canceled")
        #expect(try answer.object()["id"]?.string == id)
        await runtime.runUntilIdle()
        #expect(try await client.get("/api/v1/messages/\(id)").object()["status"] == "canceled")
        let again = try await act(id, "cancel")
        #expect(again.status == 409)
        #expect(try again.problem().type == "urn:posthaste:problem:not-cancelable")
    }

    @Test func whatIsToBeSentLaterIsCanceled() async throws {
        let id = try await send(
            "hi", extra: #","send_at":"\#(RFC3339.string(unixMilliseconds: .unixMilliseconds + 86_400_000))""#)
        #expect(try await act(id, "cancel").status == 200)
    }

    @Test func whatWasSentIsNot() async throws {
        let id = try await send("hi")
        await runtime.runUntilIdle()
        for action in ["cancel", "retry"] {
            let answer = try await act(id, action)
            #expect(answer.status == 409)
            #expect(try answer.problem().messageID == id)
        }
        #expect(try await client.get("/api/v1/messages/\(id)").object()["status"] == "sent")
    }

    @Test func whatFailedIsTriedAgain() async throws {
        let id = try await send("dies")
        await runtime.runUntilIdle()
        #expect(try await client.get("/api/v1/messages/\(id)").object()["status"] == "failed")
        let answer = try await act(id, "retry")
        #expect(answer.status == 202)
        #expect(try answer.object()["status"] == "pending")
        await runtime.runUntilIdle()
        #expect(try await client.get("/api/v1/messages/\(id)").object()["status"] == "sent")
    }

    @Test func whatWaitsForItsNextAttemptDoesNotWaitLonger() async throws {
        let id = try await send("waits")
        await runtime.runUntilIdle()
        #expect(try await client.get("/api/v1/messages/\(id)").object()["attempts"] == 1)
        #expect(try await act(id, "retry").status == 202)
        await runtime.runUntilIdle()
        #expect(try await client.get("/api/v1/messages/\(id)").object()["attempts"] == 2)
    }

    @Test func whatMayHaveBeenSentIsNotTriedAgain() async throws {
        let id = try await send("doubt")
        await runtime.runUntilIdle()
        let answer = try await act(id, "retry")
        #expect(answer.status == 409)
        #expect(try answer.problem().type == "urn:posthaste:problem:not-retryable")
        #expect(try answer.problem().detail.contains("may have been sent"))
    }

    @Test func whatIsNotThereIsNotFound() async throws {
        for id in ["7", "\(JobID())"] {
            #expect(try await act(id, "cancel").status == 404)
            #expect(try await act(id, "retry").status == 404)
        }
    }

    // MARK: Dead letters

    private static let letters = "/api/v1/dead-letters/message_queue:sms"

    private func dead() async throws -> [JSON] {
        let answer = try await client.get(Self.letters)
        #expect(answer.status == 200)
        return try #require(try answer.object()["dead_letters"]?.array)
    }

    /// What is written out in a path hides an id in its place.
    @Test(arguments: [
        ("/drop", "POST"), ("/redrive", "POST"), ("/1-1", "DELETE, GET, HEAD"), ("/drop/redrive", "POST"),
        ("/1-1/redrive", "POST"), ("", "GET, HEAD"),
    ])
    func otherMethodsOfDeadLetters(path: String, allowed: String) async throws {
        let answer = try await client.execute(.put, "/api/v1/dead-letters/sms" + path)
        #expect(answer.status == 405)
        #expect(answer.headers[.allow] == allowed)
        for method in allowed.split(separator: ", ") where method != "HEAD" {
            let method = try #require(HTTPRequest.Method(rawValue: String(method)))
            #expect(try await client.execute(method, "/api/v1/dead-letters/sms" + path).status != 405)
        }
    }

    @Test(arguments: ["-", "1", "1-", "01-1", "1-1-1", "99999999999999999999-0", "1-18446744073709551616", "%00"])
    func whatIsNoLettersID(id: String) async throws {
        #expect(try await client.get(Self.letters + "?cursor=" + id).status == 400)
        #expect(try await client.get(Self.letters + "/" + id).status == 404)
    }

    @Test func deadLettersAreListedAndShown() async throws {
        let id = try await send("dies")
        await runtime.runUntilIdle()
        let letters = try await dead()
        let letter = try #require(letters.first)
        #expect(letters.count == 1)
        #expect(letter["message_id"]?.string == id)
        #expect(letter["reason"] == "permanent")
        #expect(letter["error"] == "no such number")
        #expect(letter["redrivable"] == .bool(true))
        #expect(letter["payload"] == nil)
        for name in [id, letter["id"]?.string ?? ""] {
            let whole = try await client.get("/api/v1/dead-letters/sms/\(name)").object()
            #expect(whole["payload"]?.string?.contains("dies") == true)
        }
        #expect(try await client.get(Self.letters + "?reason=exhausted").object()["dead_letters"] == [])
        #expect(try await client.get(Self.letters + "?colour=red").status == 400)
        #expect(try await client.get(Self.letters + "/1-1").status == 404)
        #expect(try await client.get("/api/v1/dead-letters/faxes").status == 404)
    }

    @Test func pagesFollowEachOther() async throws {
        for _ in 0..<5 { _ = try await send("dies") }
        await runtime.runUntilIdle()
        var (seen, cursor, pages) = ([String](), "", 0)
        repeat {
            let page = try await client.get(Self.letters + "?limit=2" + cursor).object()
            seen += page["dead_letters"]?.array?.compactMap { $0["id"]?.string } ?? []
            cursor = page["next"]?.string.map { "&cursor=\($0)" } ?? ""
            pages += 1
        } while !cursor.isEmpty
        #expect(pages == 3)
        #expect(Set(seen).count == 5)
    }

    @Test func oneIsRedrivenAndOneIsThrownAway() async throws {
        let ids = [try await send("dies"), try await send("dies")]
        await runtime.runUntilIdle()
        let redriven = try await client.post(Self.letters + "/\(ids[0])/redrive")
        #expect(redriven.status == 200)
        #expect(try redriven.object()["redriven"] == 1)
        let dropped = try await client.execute(.delete, Self.letters + "/\(ids[1])")
        #expect(try dropped.object()["dropped"] == 1)
        #expect(try await dead().isEmpty)
        #expect(try await client.post(Self.letters + "/\(ids[0])/redrive").status == 404)
    }

    @Test func manyAreRedrivenByAFilter() async throws {
        for _ in 0..<3 { _ = try await send("dies") }
        _ = try await send("doubt")
        await runtime.runUntilIdle()
        #expect(try await client.post(Self.letters + "/redrive", #"{"reason":"exhausted"}"#).object()["redriven"] == 0)
        let answer = try await client.post(Self.letters + "/redrive", #"{"all":true}"#)
        #expect(try answer.object() == ["matched": 4, "redriven": 3, "not_redrivable": 0, "held": 1, "gone": 0])
        #expect(try await dead().map { $0["reason"] } == ["unknown"])
        #expect(try await client.post(Self.letters + "/drop", #"{"reason":"unknown"}"#).object()["dropped"] == 1)
    }

    @Test(
        arguments: [
            ("{}", "/all", "must be true where nothing else says which are meant"),
            (#"{"all":true,"kind":"sms"}"#, "/all", "must be absent where something else says which are meant"),
            (#"{"all":"yes"}"#, "/all", "must be a boolean, not a string"),
            (#"{"colour":"red"}"#, "/colour", nil),
        ] as [(String, String, String?)])
    func allOfThemMustBeAskedForInSoManyWords(_ json: String, _ pointer: String, _ detail: String?) async throws {
        _ = try await send("dies")
        await runtime.runUntilIdle()
        for action in ["redrive", "drop"] {
            let answer = try await client.post(Self.letters + "/\(action)", json)
            #expect(answer.status == 422)
            let fault = try #require(try answer.problem().errors?.first)
            #expect(fault.pointer == pointer)
            if let detail { #expect(fault.detail == detail) }
        }
        #expect(try await dead().count == 1)
    }
}
