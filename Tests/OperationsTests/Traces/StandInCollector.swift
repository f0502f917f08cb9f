import NIOCore
import NIOHTTP1
import NIOPosix
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
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(Exchange(collector))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body("http://127.0.0.1:\(server.localAddress?.port ?? 0)/v1/traces", collector)
        } catch {
            try await server.close()
            throw error
        }
        try await server.close()
    }

    /// One post after the other, of one connection.
    private final class Exchange: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let collector: StandInCollector
        private var headers: [String: String] = [:]
        private var body: [UInt8] = []

        init(_ collector: StandInCollector) { self.collector = collector }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
                body = []
            case .body(let part): body += Array(part.readableBytesView)
            case .end:
                let (headers, body) = (headers, body)
                collector.posts.update { $0.append((headers, body)) }
                answer(collector.manners.update { $0.count > 1 ? $0.removeFirst() : $0[0] }, context)
            }
        }

        private func answer(_ manner: Manner, _ context: ChannelHandlerContext) {
            switch manner {
            case .takes:
                collector.taken.update { $0 += ProtobufReader.names(body) }
                answer(200, [:], context)
            case .answers(let status, let wait):
                answer(status, wait.map { ["retry-after": "\($0)"] } ?? [:], context)
            case .hangs: break
            case .rambles:
                context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok))), promise: nil)
                ramble(context)
            }
        }

        private func answer(_ status: Int, _ headers: HTTPHeaders, _ context: ChannelHandlerContext) {
            var headers = headers
            headers.add(name: "content-length", value: "0")
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }

        /// Until the other side has heard enough.
        private func ramble(_ context: ChannelHandlerContext) {
            guard context.channel.isActive else { return }
            let part = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(repeating: 0x41, count: 1 << 12)))
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(part)).whenSuccess {
                let (exchange, context) = bound.value
                exchange.ramble(context)
            }
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
