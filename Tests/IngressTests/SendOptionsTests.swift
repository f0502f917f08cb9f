import HTTPTypes
import JobRuntime
import Messaging
import NIOCore
import Testing

@testable import Ingress

/// When a message goes, how urgent it is, and who hears of it.
@Suite struct SendOptionsTests {
    /// 2026-01-01T00:00:00Z.
    private static let now: Int64 = 1_767_225_600_000

    private static func text(_ members: String) -> String {
        #"{"from":"+15551234567","to":"+15559876543","type":"sms","body":"hello"\#(members)}"#
    }

    private func submission(_ members: String) throws -> Submission {
        try SendRoute.submission(of: ByteBuffer(string: Self.text(members)), now: Self.now)
    }

    private func faults(_ json: String) throws -> [Fault] {
        do throws(Problem) {
            _ = try SendRoute.submission(of: ByteBuffer(string: json), now: Self.now)
            return []
        } catch {
            return error.errors
        }
    }

    @Test func withoutThemItGoesNow() throws {
        let job = try submission("").job
        #expect(job.meta == JobMeta())
        #expect(job.start == .now)
        #expect(job.payload == Message.sms(SMS(from: "+15551234567", to: "+15559876543", body: "hello")).json())
    }

    @Test(arguments: Lane.allCases) func aPriorityIsALane(lane: Lane) throws {
        #expect(try submission(#","priority":"\#(lane.rawValue)""#).job.meta.lane == lane)
    }

    @Test func theTimesAreTheJobs() throws {
        let job = try submission(#","send_at":"2026-01-02T01:00:00.5+01:00","expires_at":"2026-01-02T00:00:01Z""#).job
        #expect(job.start == .at(Self.now + 86_400_500))
        #expect(job.meta.expiresAt == Self.now + 86_401_000)
    }

    @Test func everyChannelCarriesItsOptions() throws {
        let options = #""status_callback":"https://e.co/news","on_ambiguous":"resend""#
        let messages = [
            #""from":"+15551234567","to":"+15559876543","type":"sms","body":"x""#,
            #""from":"+15551234567","to":"+15559876543","type":"mms","body":"x","attachments":["https://e.co/"]"#,
            #""from":"a@e.co","to":"b@e.co","type":"email","subject":"s","body":"x""#,
            #""from":"me","to":"https://e.co/","type":"webhook","body":"x""#,
        ]
        for message in messages {
            let payload = ByteBuffer(string: "{\(message),\(options)}")
            switch try SendRoute.submission(of: payload, now: Self.now).message {
            case .sms(let payload as any MessagePayload), .mms(let payload as any MessagePayload),
                .email(let payload as any MessagePayload), .webhook(let payload as any MessagePayload):
                #expect(payload.statusCallback == "https://e.co/news")
                #expect(payload.onAmbiguous == .resend)
            }
        }
    }

    @Test(arguments: [
        "+15551234567", "12345", "Posthaste", "MG0123456789abcdef0123456789ABCDEF", "A1 b-c_d&e",
    ])
    func sendersOfTexts(sender: String) throws {
        let json = Self.text("").replacing("\"+15551234567\"", with: "\"\(sender)\"")
        #expect(try faults(json) == [])
        #expect(try faults(json.replacing("+15559876543", with: sender)).isEmpty == sender.hasPrefix("+"))
    }

    @Test(arguments: ["", "12", "+0155", "12charactersx", "MG0123456789abcdef0123456789abcdeg", "né", "a\\nb"])
    func whatSendsNoTexts(sender: String) throws {
        let json = Self.text("").replacing("\"+15551234567\"", with: "\"\(sender)\"")
        #expect(try faults(json).map(\.pointer) == ["/from"])
    }

    @Test(arguments: [
        (#","priority":"urgent""#, "/priority", "must be one of high, normal, low"),
        (#","priority":1"#, "/priority", "must be a string, not a number"),
        (#","on_ambiguous":"retry""#, "/on_ambiguous", "must be one of hold, resend"),
        (#","status_callback":"mailto:a@e.co""#, "/status_callback", "must be an absolute http or https URL"),
        (#","status_callback":["https://e.co"]"#, "/status_callback", "must be a string, not an array"),
        (
            #","send_at":"tomorrow""#, "/send_at",
            "must be a date and time of RFC 3339, such as 2026-02-28T23:59:59Z"
        ),
        (#","send_at":1767225601"#, "/send_at", "must be a string, not a number"),
        (#","send_at":"2026-01-01T00:00:00Z""#, "/send_at", "must be in the future"),
        (#","send_at":"2026-02-05T00:00:00.001Z""#, "/send_at", "must be within 35 days"),
        (#","expires_at":"2025-12-31T23:59:59Z""#, "/expires_at", "must be in the future"),
        (
            #","expires_at":"2026-01-08T00:00:00.001Z""#, "/expires_at",
            "must be within 7 days after send_at, or without one from now"
        ),
        (
            #","send_at":"2026-01-02T00:00:00Z","expires_at":"2026-01-02T00:00:00Z""#, "/expires_at",
            "must be after send_at"
        ),
        (
            #","send_at":"2026-01-02T00:00:00Z","expires_at":"2026-01-09T00:00:00.001Z""#, "/expires_at",
            "must be within 7 days after send_at, or without one from now"
        ),
    ])
    func oneFault(members: String, pointer: String, detail: String) throws {
        #expect(try faults(Self.text(members)) == [Fault(pointer: pointer, detail: detail)])
    }

    @Test(arguments: [
        #","send_at":"2026-01-01T00:00:00.001Z""#, #","send_at":"2026-02-05T00:00:00Z""#,
        #","expires_at":"2026-01-08T00:00:00Z""#, #","expires_at":"2026-01-01T00:00:00.001Z""#,
        #","send_at":"2026-02-05T00:00:00Z","expires_at":"2026-02-12T00:00:00Z""#,
        #","send_at":null,"expires_at":null,"priority":null,"status_callback":null,"on_ambiguous":null"#,
    ])
    func justWithinTheBounds(members: String) throws {
        #expect(try faults(Self.text(members)) == [])
    }

    @Test func allFaultsAtOnce() throws {
        let members = """
            ,"priority":"x","on_ambiguous":2,"status_callback":"x","send_at":"x","expires_at":"2020-01-01T00:00:00Z",\
            "attachments":[{"filename":"a"}],"sendat":1
            """
        #expect(
            Set(try faults(Self.text(members)).map(\.pointer)) == [
                "/priority", "/on_ambiguous", "/status_callback", "/send_at", "/expires_at", "/attachments/0",
                "/sendat",
            ])
    }

    @Test func theAnswerShowsThem() async throws {
        let intake = FakeIntake()
        let start = RFC3339.string(unixMilliseconds: .unixMilliseconds + 3_600_000)
        let end = RFC3339.string(unixMilliseconds: .unixMilliseconds + 7_200_000)
        let json = Self.text(
            #"""
            ,"priority":"high","send_at":"\#(start)","expires_at":"\#(end)","status_callback":"https://e.co/news",
            "on_ambiguous":"hold"
            """#)
        let accepted = try await Client(intake).send(json)
        #expect(accepted.status == 202)
        let current = try await Client(intake).get(try #require(accepted.headers[.location]))
        for answer in [accepted, current] {
            let members = try answer.object()
            #expect(members["priority"] == "high")
            #expect(members["send_at"] == .string(start) && members["expires_at"] == .string(end))
            #expect(members["status_callback"] == "https://e.co/news" && members["on_ambiguous"] == "hold")
            #expect(members["status"] == "pending")
        }
    }

    @Test func whatIsNotThereIsNotShown() async throws {
        let members = try await Client().send(Self.text("")).object()
        for name in ["priority", "send_at", "expires_at", "status_callback", "on_ambiguous"] {
            #expect(members[name] == nil)
        }
    }
}
