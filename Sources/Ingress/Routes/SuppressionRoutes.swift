import Delivery
import Foundation
import HTTPTypes
import Hummingbird
import JobRuntime
import Logging
import Messaging
import NIOCore

/// `/api/v1/suppressions`: the addresses that must not be sent to.
struct SuppressionRoutes: Sendable {
    static let path = "/api/v1/suppressions"

    let suppressions: any SuppressionStore
    let settings: IngressSettings
    let logger: Logger

    func add(to routes: Routes) {
        routes.on(.get, Self.path, for: .operate) { request, _ in try await list(request) }
        routes.on(.post, Self.path, for: .operate) { request, context in
            let document = try await RequestDocument.read(request, context, limit: settings.maximumBodySize)
            return try await add(try Self.suppression(of: document))
        }
        let one = Self.path + "/{kind}/{address}"
        routes.on(.get, one, for: .operate) { _, context in
            let (kind, address) = try Self.place(context)
            guard let found = try await reach({ try await suppressions.find(kind, address) }) else {
                throw Problem.noSuppression
            }
            return Self.answer(.ok, found)
        }
        routes.on(.delete, one, for: .operate) { _, context in
            let (kind, address) = try Self.place(context)
            guard try await reach({ try await suppressions.remove(kind, address) }) else {
                throw Problem.noSuppression
            }
            return Response(status: .noContent)
        }
    }

    /// What a document asks for.
    static func suppression(of document: ByteBuffer) throws(Problem) -> Suppression {
        var scanner = JSONScanner(document)
        var faults = Faults()
        let request: SuppressionRequest
        do throws(JSONSyntaxError) {
            request = try SuppressionRequest(&scanner, reportingTo: &faults)
            try scanner.finish()
        } catch {
            throw .malformed(error)
        }
        guard !faults.concern(),
            let suppression = request.suppression(now: .unixMilliseconds, reportingTo: &faults)
        else { throw .invalidSuppression(faults) }
        return suppression
    }

    private func add(_ suppression: Suppression) async throws(Problem) -> Response {
        if try await reach({ try await suppressions.add(suppression) }) {
            return Self.answer(.created, suppression)
        }
        // It stands there for the reason that it had.
        let found = try await reach { try await suppressions.find(suppression.kind, suppression.address) }
        return Self.answer(.ok, found ?? suppression)
    }

    private func list(_ request: Request) async throws(Problem) -> Response {
        var query = ListQuery(request, names: ["kind", "cursor"], isPaged: false)
        let kind = query.value("kind", "must be one of \(Self.kinds)") { Suppression.Kind(rawValue: $0) }
        // Redis refuses what is no number of its kind.
        let cursor = query.value("cursor", "must be one that a list gave") { text in
            UInt64(text).map { "\($0)" } == text ? text : nil
        }
        try query.check()
        guard let kind else { throw .badQuery("The query must have a kind: \(Self.kinds).") }
        let page = try await reach { try await suppressions.page(kind, after: cursor) }
        var writer = JSONWriter(capacity: 128 * (page.suppressions.count + 1))
        writer.beginObject()
        writer.key("suppressions")
        writer.beginArray()
        for suppression in page.suppressions { Self.write(suppression, &writer) }
        writer.endArray()
        writer.key("next_cursor")
        if let next = page.next { writer.string(next) } else { writer.null() }
        writer.endObject()
        return Response(status: .ok, json: writer, headers: [.cacheControl: "no-store"])
    }

    private func reach<Value>(_ body: () async throws -> Value) async throws(Problem) -> Value {
        do {
            return try await body()
        } catch {
            logger.debug("suppressions not reached", metadata: ["reason": "\(error)"])
            throw .suppressionsUnavailable(retryAfter: settings.retryAfterSeconds)
        }
    }

    private static let kinds = Suppression.Kind.allCases.map(\.rawValue).joined(separator: ", ")

    /// The address as the path names it, percent-encoded.
    private static func place(_ context: IngressContext) throws(Problem) -> (Suppression.Kind, String) {
        guard let kind = context.parameters["kind"].flatMap({ Suppression.Kind(rawValue: String($0)) }),
            let address = context.parameters["address"].flatMap({ String($0).removingPercentEncoding })
        else { throw .noSuppression }
        return (kind, address)
    }

    private static func answer(_ status: HTTPResponse.Status, _ suppression: Suppression) -> Response {
        var writer = JSONWriter(capacity: 256)
        write(suppression, &writer)
        return Response(status: status, json: writer, headers: [.cacheControl: "no-store"])
    }

    private static func write(_ suppression: Suppression, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("kind", suppression.kind.rawValue)
        writer.member("address", suppression.address)
        writer.member("reason", suppression.reason.rawValue)
        writer.key("created_at")
        if let at = suppression.at { writer.time(at) } else { writer.null() }
        writer.endObject()
    }
}
