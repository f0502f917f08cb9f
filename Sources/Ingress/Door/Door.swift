import Delivery
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import Tracing

/// Stands before all routes: who may come in by which name, what each request is called, what all answers have in
/// common, and one line in the log for each.
struct Door: RouterMiddleware {
    typealias Context = IngressContext

    /// Reached by whatever address a probe or a scraper knows.
    private static let probes: Set<String> = ["/health", "/ready", "/metrics"]

    private let hosts: AllowedHosts
    private let proxies: TrustedProxies
    private let bodies: BodyBudget
    private let retryAfter: Int
    /// That all answers have.
    private let common: [HTTPField]
    private let log: AccessLog?
    private let tracer: (any Tracer)?
    private let times = RequestTimes()
    private let logger: Logger

    /// - Parameter isSecure: clients come by https, and are to do so always.
    init(_ settings: IngressSettings, isSecure: Bool, log: AccessLog?, tracer: (any Tracer)? = nil, logger: Logger) {
        hosts = settings.allowedHosts
        proxies = settings.trustedProxies
        bodies = BodyBudget(settings.bodyMemory)
        retryAfter = settings.retryAfterSeconds
        common = Self.protective + (isSecure ? [Self.strictTransport] : [])
        self.log = log
        self.tracer = tracer
        self.logger = logger
    }

    @concurrent func handle(
        _ request: Request, context: IngressContext,
        next: @concurrent (Request, IngressContext) async throws -> Response
    ) async throws -> Response {
        let start = NIODeadline.now()
        let id = RequestID.of(request.headers)
        var context = context
        context.requestID = id
        context.bodies = bodies
        context.retryAfter = retryAfter
        context.trace = TraceContext(request.headers)
        context.client = proxies.client(request.headers, peer: context.channel.remoteAddress.flatMap(IPAddress.init))
        let span = tracer.flatMap { Self.probes.contains(request.uri.path) ? nil : RequestSpan($0, request, &context) }
        var response: Response
        do {
            try admit(request)
            if let span {
                response = try await ServiceContext.$current.withValue(span.context) {
                    try await next(request, context)
                }
            } else {
                response = try await next(request, context)
            }
        } catch {
            response = try answer(error, request, context)
        }
        response.headers.append(HTTPField(name: .requestID, value: id))
        for field in common { response.headers.append(field) }
        if response.headers[.cacheControl] == nil { response.headers.append(Self.noStore) }
        span?.end(request, context, response)
        let nanoseconds = (NIODeadline.now() - start).nanoseconds
        times.record(
            method: request.method.rawValue, route: context.endpointPath, status: response.status.code,
            nanoseconds: nanoseconds)
        log?.write(
            AccessLine(
                id: id, method: request.method.rawValue, route: context.endpointPath, status: response.status.code,
                nanoseconds: nanoseconds, bytesIn: context.notes.bodyBytes,
                bytesOut: response.body.contentLength ?? 0, caller: context.notes.caller, client: context.client,
                trace: context.trace?.id))
        return response
    }

    private func admit(_ request: Request) throws(Problem) {
        guard (request.head.path ?? "").utf8.count <= ConnectionLimits.uri else { throw .targetTooLong }
        guard request.headers[.secondHost] == nil else { throw .severalHosts }
        let authority = request.head.authority ?? ""
        if AllowedHosts.isAuthority(authority), hosts.contains(authority) { return }
        guard !Self.probes.contains(request.uri.path) else { return }
        throw AllowedHosts.isAuthority(authority) ? .foreignHost : .noHost
    }

    private func answer(_ error: any Error, _ request: Request, _ context: IngressContext) throws -> Response {
        switch error {
        case let problem as Problem: return problem.answer(requestID: context.requestID)
        case let error as any HTTPResponseError: return try error.response(from: request, context: context)
        // The client's connection, not ours: nobody may be there to read the answer.
        case is HTTPParserError, is ConnectionFault, is ChannelError, is IOError, is CancellationError:
            return Problem.brokenBody.answer(requestID: context.requestID)
        default:
            logger.error("request failed", metadata: ["request": "\(context.requestID)", "reason": "\(error)"])
            return Problem.failed.answer(requestID: context.requestID)
        }
    }
}

// MARK: - Fields

extension Door {
    private static let noStore = HTTPField(name: .cacheControl, value: "no-store")
    private static let strictTransport = HTTPField(name: .strictTransportSecurity, value: "max-age=31536000")

    /// What is answered is data for programs: a browser is to show nothing of it and to run nothing in it.
    private static let protective = [
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
        HTTPField(name: .contentSecurityPolicy, value: "default-src 'none'; frame-ancestors 'none'"),
        HTTPField(name: .referrerPolicy, value: "no-referrer"),
    ]

    /// Of an answer to what never became a request.
    func fields(_ id: String) -> [HTTPField] { [HTTPField(name: .requestID, value: id), Self.noStore] + common }

    func logRefusal(_ status: Int, id: String, out: Int, peer: SocketAddress?) {
        log?.write(
            AccessLine(id: id, status: status, bytesOut: out, client: peer.flatMap { IPAddress($0)?.unmapped }))
    }
}

extension IPAddress {
    /// Nil for what is no address of the Internet, as that of a socket in the file system.
    init?(_ address: SocketAddress) {
        guard let found = address.withSockAddr({ socket, _ in IPAddress(socket) }) else { return nil }
        self = found
    }
}
