import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Posts to an OTLP collector. Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
struct Collector: Sendable {
    enum Answer: Sendable, Equatable {
        case taken
        /// It may take the same post later.
        case later(after: Duration?, String)
        /// It never will.
        case refused(String)
    }

    private let http: HTTPClient
    private let template: HTTPClientRequest
    private let timeout: Duration

    init(_ settings: TraceSettings) {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(5)
        // Else each post of spans would be a span, to be posted.
        configuration.tracing.tracer = nil
        // The exporter tries again itself.
        configuration.connectionPool.retryConnectionEstablishment = false
        // All on one event loop: a server that answers early and closes would else end the process
        // (async-http-client 1.37).
        http = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup.next(), configuration: configuration)
        var request = HTTPClientRequest(url: settings.url)
        request.method = .POST
        request.headers = ["content-type": "application/x-protobuf", "user-agent": "posthaste/\(settings.version)"]
        for (name, value) in settings.headers { request.headers.add(name: name, value: value) }
        template = request
        timeout = settings.timeout
    }

    /// Ends within the time-out, whatever the other side does.
    func post(_ body: [UInt8]) async -> Answer {
        await withTaskGroup(of: Answer.self) { race in
            race.addTask { await self.exchange(body) }
            race.addTask {
                try? await Task.sleep(for: timeout)
                return .later(after: nil, "no answer within the time-out")
            }
            defer { race.cancelAll() }
            return await race.next() ?? .refused("cancelled")
        }
    }

    func shutdown() async { try? await http.shutdown() }

    private func exchange(_ body: [UInt8]) async -> Answer {
        var request = template
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let response = try await http.execute(request, timeout: TimeAmount(timeout))
            // So that the connection is used again; one with a long answer is given up. What it says changes nothing.
            _ = try? await response.body.collect(upTo: 64 << 10)
            return Self.answer(response.status.code, response.headers)
        } catch let error as HTTPClientError {
            return .later(after: nil, error.shortDescription.lowercased())
        } catch {
            return .later(after: nil, "\(type(of: error))")
        }
    }

    static func answer(_ status: UInt, _ headers: HTTPHeaders) -> Answer {
        switch status {
        case 200..<300: .taken
        case 429, 502, 503, 504:
            .later(
                after: headers.first(name: "retry-after").flatMap { Int($0) }.map { .seconds(max(0, min($0, 3600))) },
                "HTTP \(status)")
        default: .refused("HTTP \(status)")
        }
    }
}
