import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import TestSupport

/// A collector that behaves as the test wants, on a port of its own.
final class StandInCollector: Sendable {
    enum Manner: Sendable {
        case takes
        case answers(Int, retryAfter: Int? = nil)
        /// Never answers.
        case hangs
        /// Answers 200 and goes on for ever.
        case rambles
    }

    private let manners: Locked<[Manner]>
    private let posts = Locked<[(headers: [String: String], body: [UInt8])]>([])

    /// - Parameter manners: one for each post; the last one goes on.
    private init(_ manners: [Manner]) { self.manners = Locked(manners) }

    var bodies: [[UInt8]] { posts.value.map(\.body) }
    var headers: [[String: String]] { posts.value.map(\.headers) }

    /// The names of the spans that were taken, each as often as it came.
    let taken = Locked<[String]>([])

    static func run(
        _ manners: Manner..., body: (_ url: String, _ collector: StandInCollector) async throws -> Void
    ) async throws {
        let collector = StandInCollector(manners)
        let (ports, port) = AsyncStream<Int>.makeStream()
        let router = Router()
        router.post("v1/traces") { request, _ in try await collector.answer(request) }
        let server = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) }, logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { group.cancelAll() }
            for await port in ports {
                try await body("http://127.0.0.1:\(port)/v1/traces", collector)
                break
            }
        }
    }

    private func answer(_ request: Request) async throws -> Response {
        let buffer = try await request.body.collect(upTo: 1 << 24)
        let body = Array(buffer.readableBytesView)
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        posts.update { $0.append((headers, body)) }
        let manner = manners.update { $0.count > 1 ? $0.removeFirst() : $0[0] }
        switch manner {
        case .takes:
            taken.update { $0 += ProtobufReader.names(body) }
            return Response(status: .ok)
        case .answers(let status, let retryAfter):
            var response = Response(status: .init(code: status))
            if let retryAfter { response.headers[.retryAfter] = "\(retryAfter)" }
            return response
        case .hangs:
            try await Task.sleep(for: .seconds(600))  // allowed: it never answers, and ends with the test
            return Response(status: .ok)
        case .rambles:
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    while !Task.isCancelled { try await writer.write(ByteBuffer(repeating: 0x41, count: 1 << 16)) }
                    try await writer.finish(nil)
                })
        }
    }
}

/// As much of Protocol Buffers as it takes to find spans.
enum ProtobufReader {
    /// The names of the spans of an `ExportTraceServiceRequest`.
    static func names(_ request: [UInt8]) -> [String] {
        fields(request, 1).flatMap { fields($0, 2) }.flatMap { fields($0, 2) }
            .compactMap { fields($0, 5).first.map { String(decoding: $0, as: UTF8.self) } }
    }

    /// The fields of a number that have a length.
    static func fields(_ message: [UInt8], _ wanted: UInt64) -> [[UInt8]] {
        var rest = message[...]
        var found: [[UInt8]] = []
        func varint() -> UInt64 {
            var (value, shift) = (UInt64(0), UInt64(0))
            while let byte = rest.popFirst() {
                value |= UInt64(byte & 0x7F) << shift
                guard byte >= 0x80 else { break }
                shift += 7
            }
            return value
        }
        while !rest.isEmpty {
            let tag = varint()
            switch tag & 7 {
            case 0: _ = varint()
            case 1: rest = rest.dropFirst(8)
            case 5: rest = rest.dropFirst(4)
            default:
                let length = Int(varint())
                if tag >> 3 == wanted { found.append(Array(rest.prefix(length))) }
                rest = rest.dropFirst(length)
            }
        }
        return found
    }
}
