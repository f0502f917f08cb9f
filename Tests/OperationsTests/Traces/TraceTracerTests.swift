import TestSupport
import Testing
import Tracing

@testable import Operations

@Suite struct TraceTracerTests {
    private struct Fields: Injector, Extractor {
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    }

    private func tracer(ratio: Double, capacity: Int = 100) -> (TraceTracer, SpanQueue) {
        let queue = SpanQueue(capacity: capacity) {}
        return (TraceTracer(ratio: ratio, queue: queue), queue)
    }

    @Test func aTraceGoesInAndOut() throws {
        let (tracer, queue) = tracer(ratio: 0)
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        var context = ServiceContext.topLevel
        tracer.extract(["traceparent": parent, "tracestate": "a=1,b=2"], into: &context, using: Fields())
        let span = tracer.startSpan("one", context: context)
        var fields: [String: String] = [:]
        tracer.inject(span.context, into: &fields, using: Fields())
        let parts = try #require(fields["traceparent"]).split(separator: "-")
        #expect(parts[1] == "0af7651916cd43dd8448eb211c80319c" && parts[2] != "b7ad6b7169203331" && parts[3] == "01")
        #expect(fields["tracestate"] == "a=1,b=2")
        span.end()
        let record = try #require(queue.take().first)
        #expect(record.parent == 0xb7ad_6b71_6920_3331 && record.identity.traceHigh == 0x0af7_6519_16cd_43dd)
        #expect(record.end >= record.start)
    }

    @Test(
        arguments: [
            "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", "ff-\(trace)-b7ad6b7169203331-01",
            "00-\(trace)-0000000000000000-01", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-\(trace)-b7ad6b7169203331-01-x", "00-\(trace.uppercased())-b7ad6b7169203331-01",
            "00-\(trace)xb7ad6b7169203331-01", "0é-\(trace)-b7ad6b716920333-01",
        ])
    func whatBreaksTheRulesBeginsATrace(parent: String) {
        var context = ServiceContext.topLevel
        tracer(ratio: 1).0.extract(["traceparent": parent], into: &context, using: Fields())
        #expect(context.span == nil)
    }

    private static let trace = "0af7651916cd43dd8448eb211c80319c"

    @Test func aLaterVersionMayHaveMore() {
        #expect(SpanIdentity(traceparent: "01-\(Self.trace)-b7ad6b7169203331-00-more", state: nil)?.isSampled == false)
    }

    @Test func theParentDecidesAndElseTheShare() {
        let (none, _) = tracer(ratio: 0)
        let (all, _) = tracer(ratio: 1)
        #expect(!none.startSpan("a", context: .topLevel).isRecording)
        #expect(all.startSpan("a", context: .topLevel).isRecording)
        for isSampled in [true, false] {
            var context = ServiceContext.topLevel
            context.span = SpanIdentity(traceHigh: 1, traceLow: 2, span: 3, isSampled: isSampled)
            for tracer in [none, all] {
                #expect(tracer.startSpan("a", context: context).isRecording == isSampled)
            }
        }
        let (some, _) = tracer(ratio: 0.1)
        let count = (0..<20_000).count { _ in some.startSpan("a", context: .topLevel).isRecording }
        // Nine standard deviations either way.
        #expect((1600...2400).contains(count))
    }

    @Test func theChildrenOfWhatIsNotSampledAreNot() {
        let (tracer, queue) = tracer(ratio: 0)
        let root = tracer.startSpan("root", context: .topLevel)
        let child = tracer.startSpan("child", context: root.context)
        #expect(!child.isRecording && child.context.span?.traceLow == root.context.span?.traceLow)
        child.attributes["a"] = 1
        child.end()
        root.end()
        #expect(queue.take().isEmpty)
    }

    @Test func anEndedSpanIsOverAndAFullQueueTakesNoMore() {
        let (tracer, queue) = tracer(ratio: 1, capacity: 2)
        let span = tracer.startSpan("a", context: .topLevel)
        span.end()
        span.end()
        span.attributes["late"] = 1
        #expect(queue.count == 1 && !span.isRecording)
        for _ in 0..<5 { tracer.startSpan("b", context: .topLevel).end() }
        #expect(queue.count == 2 && queue.takeDropped() == 4 && queue.takeDropped() == 0)
    }

    @Test func idsAreNotTwice() {
        let ids = SpanIDs(seed: 7)
        #expect(Set((0..<100_000).map { _ in ids.next() }).count == 100_000)
    }

    @Test func whatIsTooMuchIsLeftOutAndCounted() throws {
        let (tracer, queue) = tracer(ratio: 1)
        let span = tracer.startSpan("a", context: .topLevel)
        for number in 0..<100 { span.attributes["key \(number)"] = String(repeating: "é", count: 2000) }
        for number in 0..<20 { span.addEvent(SpanEvent(name: "event \(number)")) }
        for _ in 0..<20 { span.addLink(SpanLink(context: span.context, attributes: [:])) }
        span.end()
        let record = try #require(queue.take().first)
        #expect(record.droppedEvents == 4 && record.droppedLinks == 4)
        let bytes = TraceRequest(resource: []).bytes([record])
        let encoded = try #require(
            ProtobufReader.fields(bytes, 1).flatMap { ProtobufReader.fields($0, 2) }
                .flatMap { ProtobufReader.fields($0, 2) }.first)
        #expect(ProtobufReader.fields(encoded, 9).count == 64)
        #expect(encoded.count < 64 * 1100 + 4000)
    }

    @Test func addressesAreMasked() throws {
        let (tracer, queue) = tracer(ratio: 1)
        let span = tracer.startSpan("a", context: .topLevel)
        span.setStatus(SpanStatus(code: .error, message: "the breaker of twilio +15551234567 is open"))
        span.attributes["posthaste.request_id"] = "ada@example.com"
        span.end()
        let text = String(decoding: TraceRequest(resource: []).bytes(queue.take()), as: UTF8.self)
        #expect(text.contains("twilio +***67 is open") && text.contains("***@example.com") && !text.contains("ada"))
    }

    @Test func anErrorIsKnownByItsTypeAlone() throws {
        struct Telling: Error { let number = "+15551234567" }
        let (tracer, queue) = tracer(ratio: 1)
        #expect(throws: Telling.self) { try tracer.withSpan("a") { _ in throw Telling() } }
        let record = try #require(queue.take().first)
        #expect(record.status?.code == .error && record.status?.message == nil)
        #expect(record.events.first?.attributes.get("exception.type") == .string("Telling"))
        #expect(!String(decoding: TraceRequest(resource: []).bytes([record]), as: UTF8.self).contains("1555"))
    }
}
