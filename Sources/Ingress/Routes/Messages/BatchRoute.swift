import HTTPTypes
import Hummingbird
import JobRuntime
import Messaging
import NIOCore

/// `POST /api/v1/messages/batch`: takes many messages in, as one document or, for large imports, line by line.
struct BatchRoute: Sendable {
    let acceptance: Acceptance
    let settings: IngressSettings

    func add(to routes: Routes) {
        routes.on(.post, MessagePath.batch, for: .send, metering: .byHandler) { request, context in
            let batch = BatchAcceptance(
                acceptance: acceptance, caller: context.caller, key: try IdempotencyKey(request), trace: context.trace,
                meter: context.meter)
            if let type = request.headers[.contentType]?.mediaType, MessageImport.mediaTypes.contains(type) {
                try RequestDocument.expectPlain(request)
                RequestDocument.want(request, context)
                return try await MessageImport(batch: batch, request: request, context: context, settings: settings)
                    .answer()
            }
            let document = try await RequestDocument.read(
                request, context, limit: settings.maximumBodySize, types: "application/json or application/x-ndjson")
            let messages = try BatchRequest(document, now: .unixMilliseconds).messages
            return BatchView.answer(await batch.accept(messages))
        }
    }
}

/// An import of any number of messages, one JSON document a line. They are taken in while they come, some hundred at a
/// time. The answer has a line for each message that was refused, and in the end one that sums up. It comes when all has
/// been taken in, since a proxy such as nginx passes on no more of a request whose answer has begun. Only who prefers
/// `return=representation` is answered meanwhile, with a line for each message.
///
/// After ``mostRefused`` refusals the import ends, and says at which line.
struct MessageImport: Sendable {
    static let mediaTypes: Set<String> = ["application/x-ndjson", "application/ndjson", "application/jsonl"]
    static let mostRefused = 1000
    private static let chunk = 500
    private static let chunkBytes = 1 << 20

    let batch: BatchAcceptance
    let request: Request
    let context: IngressContext
    let settings: IngressSettings

    func answer() async throws -> Response {
        let headers: HTTPFields = [.contentType: "application/x-ndjson", .cacheControl: "no-store"]
        guard !Preferences(request).wantsAll else {
            return Response(
                status: .ok, headers: headers,
                body: ResponseBody { writer in
                    try await run(Tally(wantsAll: true), &writer)
                    try await writer.finish(nil)
                })
        }
        let held = HeldLines()
        var writer: any ResponseBodyWriter = held
        try await run(Tally(wantsAll: false), &writer)
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: held.text))
    }

    @concurrent private func run(_ start: Tally, _ writer: inout any ResponseBodyWriter) async throws {
        var tally = start
        do {
            try await take(request.body, &tally, &writer)
        } catch is LineReader.TooLong {
            tally.end("a line has more than \(settings.maximumBodySize) bytes")
        } catch let problem as Problem {
            tally.end(problem.detail)
        } catch is ConnectionFault {
            tally.end("what follows did not come in time")
        }
        try await writer.write(tally.sum())
    }

    @concurrent private func take(
        _ body: RequestBody, _ tally: inout Tally, _ writer: inout any ResponseBodyWriter
    ) async throws {
        var reader = LineReader(limit: settings.maximumBodySize)
        var (lines, bytes) = ([ByteBuffer](), 0)
        for try await buffer in body {
            reader.append(buffer)
            // A long line takes of the memory that all bodies have together.
            try RequestDocument.reserve(reader.held, context)
            context.notes.bodyBytes += buffer.readableBytes
            while let line = try reader.next() {
                lines.append(line)
                bytes += line.readableBytes
                guard lines.count == Self.chunk || bytes >= Self.chunkBytes else { continue }
                try await accept(&lines, &tally, &writer)
                bytes = 0
                if tally.isOver { return }
            }
            // What has come is taken in before more is waited for.
            try await accept(&lines, &tally, &writer)
            bytes = 0
            if tally.isOver { return }
        }
        if let last = reader.last() { lines.append(last) }
        try await accept(&lines, &tally, &writer)
    }

    @concurrent private func accept(
        _ lines: inout [ByteBuffer], _ tally: inout Tally, _ writer: inout any ResponseBodyWriter
    ) async throws {
        defer { lines.removeAll(keepingCapacity: true) }
        let now = Int64.unixMilliseconds
        let numbered = lines.enumerated().map { (tally.lines + 1 + $0, $1) }.filter { !$1.isBlank }
        tally.lines += lines.count
        guard !numbered.isEmpty else { return }
        let messages: [ReadMessage] = numbered.map { _, line in
            var scanner = JSONScanner(line)
            do throws(JSONSyntaxError) {
                let message = try scanner.message(now: now)
                try scanner.finish()
                return message
            } catch {
                return .invalid(.malformed(error))
            }
        }
        let results = await batch.accept(messages, places: numbered.map(\.0))
        let text = tally.count(results, numbered.map(\.0))
        if text.readableBytes > 0 { try await writer.write(text) }
    }
}

/// Keeps what is written until the answer may begin.
private final class HeldLines: ResponseBodyWriter {
    private(set) var text = ByteBuffer()

    func write(_ buffer: ByteBuffer) { text.writeImmutableBuffer(buffer) }
    consuming func finish(_ trailingHeaders: HTTPFields?) {}
}

extension MessageImport {
    /// How far an import is.
    private struct Tally {
        let wantsAll: Bool
        var lines = 0
        private var accepted = 0
        private var refused = 0
        private var end: String?

        init(wantsAll: Bool) { self.wantsAll = wantsAll }

        var isOver: Bool { end != nil }

        mutating func end(_ why: String) { end = why }

        /// - Returns: what the client is told of them.
        mutating func count(_ results: [Result<BatchAcceptance.Item, Problem>], _ places: [Int]) -> ByteBuffer {
            var text = ByteBuffer()
            for (result, place) in zip(results, places) {
                if result.refusal == nil { accepted += 1 } else { refused += 1 }
                guard wantsAll || result.refusal != nil else { continue }
                var writer = JSONWriter(capacity: 256)
                BatchView.write(result, "line", place, to: &writer)
                var line = writer.buffer
                text.writeBuffer(&line)
                text.writeInteger(UInt8(ascii: "\n"))
            }
            if refused >= MessageImport.mostRefused { end = "\(refused) messages were refused" }
            return text
        }

        func sum() -> ByteBuffer {
            var writer = JSONWriter(capacity: 128)
            writer.beginObject()
            writer.member("lines", lines)
            writer.member("accepted", accepted)
            writer.member("refused", refused)
            writer.member("complete", bool: end == nil)
            if let end { writer.member("ended", "after line \(lines): \(end)") }
            writer.endObject()
            var text = writer.buffer
            text.writeInteger(UInt8(ascii: "\n"))
            return text
        }
    }
}
