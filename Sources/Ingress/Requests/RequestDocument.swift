import HTTPTypes
import Hummingbird
import NIOCore

/// The body of a request that must be one JSON document.
enum RequestDocument {
    /// Collects the body.
    ///
    /// - Throws: a ``Problem`` for another content type (415) or too large a body (413); what the connection throws if
    ///   it breaks.
    static func read(_ request: Request, limit: Int) async throws -> ByteBuffer {
        guard isJSON(request.headers[.contentType]) else { throw Problem.notJSON }
        guard isPlain(request.headers[.contentEncoding]) else { throw Problem.encoded }
        return try await body(of: request, limit: limit)
    }

    /// Collects a body of any type.
    ///
    /// - Throws: a ``Problem`` for too large a body (413); what the connection throws if it breaks.
    static func body(of request: Request, limit: Int) async throws -> ByteBuffer {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw Problem.tooLarge(limit: limit)
        }
        do {
            return try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw Problem.tooLarge(limit: limit)
        }
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

    private static func isPlain(_ contentEncoding: String?) -> Bool {
        guard let contentEncoding else { return true }
        return contentEncoding.lowercased() == "identity"
    }
}

extension Substring {
    /// Without the optional white space of an HTTP header (RFC 9110 section 5.6.3) at its ends.
    fileprivate var trimmed: Substring {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let last = lastIndex(where: { !isSpace($0) }) else { return "" }
        return self[...last].drop(while: isSpace)
    }
}
