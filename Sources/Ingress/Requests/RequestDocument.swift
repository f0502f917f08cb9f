import HTTPTypes
import Hummingbird
import NIOCore

/// The body of a request that must be one JSON document.
enum RequestDocument {
    /// Collects the body.
    ///
    /// - Parameter types: what a client is told that it may send.
    /// - Throws: a ``Problem`` for another content type (415), and what ``body(of:_:limit:)`` throws.
    static func read(
        _ request: Request, _ context: IngressContext, limit: Int, types: String = "application/json"
    ) async throws(Problem) -> ByteBuffer {
        guard isJSON(request.headers[.contentType]) else { throw Problem.wrongType(types) }
        try expectPlain(request)
        return try await body(of: request, context, limit: limit)
    }

    static func expectPlain(_ request: Request) throws(Problem) {
        guard isPlain(request.headers[.contentEncoding]) else { throw Problem.encoded }
    }

    /// `application/json`, in UTF-8 if it says in what (RFC 8259 section 8.1).
    static func isJSON(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        if contentType == "application/json" { return true }
        let parts = contentType.lowercased().split(separator: ";").map { $0.trimmed }
        return parts.first == "application/json"
            && parts.dropFirst().allSatisfy { parameter in
                !parameter.hasPrefix("charset=") || ["charset=utf-8", "charset=\"utf-8\""].contains(parameter)
            }
    }

    static func isPlain(_ contentEncoding: String?) -> Bool {
        guard let contentEncoding else { return true }
        return contentEncoding.lowercased() == "identity"
    }
}

extension Substring {
    /// Without the optional white space of an HTTP header (RFC 9110 section 5.6.3) at its ends.
    var trimmed: Substring {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let last = lastIndex(where: { !isSpace($0) }) else { return "" }
        return self[...last].drop(while: isSpace)
    }
}
