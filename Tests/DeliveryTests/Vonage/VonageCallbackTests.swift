import JobRuntime
import Messaging
import Testing

@testable import Delivery

@Suite struct VonageCallbackTests {
    static let job = JobID()
    static let receipt = """
        {"err-code":"0","message-timestamp":"2020-01-01 12:00:00","messageId":"0B00000127FDBC63",\
        "msisdn":"447547232824","network-code":"23410","price":"0.03330000","scts":"1810251310","status":"delivered",\
        "to":"Acme","client-ref":"\(job)","api-key":"abcd1234"}
        """
    static let inbound = """
        msisdn=447700900001&to=447700900000&messageId=0A0000000123ABCD1&text=Hello+world&type=text&keyword=HELLO\
        &message-timestamp=2020-01-01+12%3A00%3A00&api-key=abcd1234
        """
    private static let noon: Int64 = 1_577_880_000_000

    private func read(_ text: String) throws -> CallbackReading {
        try VonageCallback.reading(FormFields(text), message: nil)
    }

    private func read(status: String, code: String) throws -> StatusNews? {
        let reading = try read("messageId=0B&msisdn=447547232824&status=\(status)&err-code=\(code)")
        guard case .status(let news) = reading.news.first else { return nil }
        return news
    }

    @Test func aReceiptIsRead() throws {
        let news = StatusNews(
            message: Self.job, vendor: .vonage, vendorID: "0B00000127FDBC63", status: .delivered, at: Self.noon,
            token: "0B00000127FDBC63:delivered")
        let reading = try VonageCallback.reading(FormFields(vonageJSON: Self.receipt), message: JobID())
        #expect(reading.news == [.status(news)] && reading.problems.isEmpty)
    }

    @Test(
        arguments: [
            ("accepted", .sent), ("buffered", nil), ("unknown", nil), ("delivered", .delivered),
            ("expired", .undelivered), ("failed", .undelivered), ("rejected", .undelivered),
            ("undelivered", .undelivered),
        ] as [(String, MessageStatus?)])
    func aStatusMeans(status: String, ours: MessageStatus?) throws {
        let news = try #require(try read(status: status, code: "3"))
        #expect(news.status == ours && news.code == 3 && news.message == nil)
        #expect((news.what == nil) == (ours != .undelivered))
        #expect((news.suppress == nil) == (ours != .undelivered))
    }

    @Test(arguments: VonageReceiptCode.table.map(\.code)) func aCodeIsExplained(code: Int) throws {
        let row = try #require(VonageReceiptCode.known[code])
        let news = try #require(try read(status: "failed", code: "\(code)"))
        #expect(news.what == row.what)
        #expect(
            news.suppress == row.suppresses.map { Suppression(address: "+447547232824", kind: .phone, reason: $0) })
    }

    @Test func aMessageToUsIsRead() throws {
        let expected = InboundMessage(
            vendor: .vonage, id: "0A0000000123ABCD1", from: "+447700900001", to: "+447700900000", body: "Hello world",
            at: Self.noon)
        #expect(try read(Self.inbound).news == [.inbound(expected)])
        #expect(expected.channel == .sms)
        let toShortCode = try read(Self.inbound.replacing("to=447700900000", with: "to=96167"))
        guard case .inbound(let message) = toShortCode.news.first else {
            Issue.record("no message")
            return
        }
        #expect(message.to == "96167")
    }

    @Test func aStopIsTheWholeMessage() throws {
        let suppression = Suppression(address: "+447700900001", kind: .phone, reason: .stop)
        let stop = ConsentNews(
            change: .suppress(suppression), vendor: .vonage, at: Self.noon, token: "0A0000000123ABCD1")
        #expect(try read(Self.inbound.replacing("Hello+world", with: "stop")).news.last == .consent(stop))
        let longer = Self.inbound.replacing("Hello+world", with: "stop+it").replacing("HELLO", with: "STOP")
        #expect(try read(longer).news.count == 1)
        let part = Self.inbound.replacing("Hello+world", with: "stop")
        let parts = try read(part + "&concat=true&concat-ref=9&concat-part=2&concat-total=3").news
        guard parts.count == 1, case .inbound(let message) = parts.first else {
            Issue.record("\(parts)")
            return
        }
        #expect(message.part == .init(reference: "9", number: 2, total: 3) && message.keyword == nil)
    }

    @Test(arguments: ["1/0", "0/3", "4/3", "x/3", "1/999"]) func partsThatCannotBeAreNone(part: String) throws {
        let numbers = part.split(separator: "/")
        let reading = try read(Self.inbound + "&concat-ref=9&concat-part=\(numbers[0])&concat-total=\(numbers[1])")
        guard case .inbound(let message) = reading.news.first else {
            Issue.record("no message")
            return
        }
        #expect(message.part == nil)
    }

    @Test(arguments: ["2020-13-01 12:00:00", "2020-01-01T12:00:00", "noon", "99999999999999999999", ""])
    func aMomentThatIsNoneIsLeftOut(text: String) throws {
        let moment = text.replacing(" ", with: "+")
        let reading = try read(Self.inbound.replacing("2020-01-01+12%3A00%3A00", with: moment))
        guard case .inbound(let message) = reading.news.first else {
            Issue.record("no message")
            return
        }
        #expect(message.at == nil || text.contains("T"))
    }

    @Test(arguments: ["", "status=delivered", "messageId=&status=delivered", "messageId=a", "messageId=a&msisdn=1"])
    func whatVonageDoesNotSendIsRefused(text: String) {
        #expect(throws: CallbackError.self) { try read(text) }
    }

    @Test func jsonBecomesFields() throws {
        let form = try FormFields(vonageJSON: #"{"b":1,"a":"x","c":true,"d":null,"e":{"f":1},"g":[1],"h":-2}"#)
        #expect(form.all.map { "\($0.name)=\($0.value)" } == ["a=x", "b=1", "c=true", "h=-2"])
        for text in ["", "[]", "null", "{\"a\":", "\"x\"", "{" + String(repeating: " ", count: 65_536) + "}"] {
            #expect(throws: CallbackError.self) { try FormFields(vonageJSON: text) }
        }
    }
}
