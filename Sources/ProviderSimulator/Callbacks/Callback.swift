public import Foundation
import NIOCore

/// A POST that a provider makes.
struct Callback: Sendable {
    enum Content: Sendable {
        case form([FormField])
        case json(ByteBuffer)
    }

    var provider: Provider
    var url: String
    /// Beside the content's type.
    var headers: [String: String]
    var content: Content

    var contentType: String {
        switch content {
        case .form: "application/x-www-form-urlencoded; charset=utf-8"
        case .json: "application/json"
        }
    }

    var body: ByteBuffer {
        switch content {
        case .form(let fields): ByteBuffer(string: Form.encode(fields))
        case .json(let json): json
        }
    }
}

/// A callback that was made, and what came of it.
public struct SentCallback: Sendable, Codable {
    public let provider: Provider
    /// When it was answered or given up.
    public let at: Date
    public let url: String
    public let headers: [String: String]
    public let body: String
    public let attempts: Int
    /// The last answer's status; nil if there was none.
    public let status: Int?
    /// The last answer's body.
    public let answer: String?
    /// Why there was no answer.
    public let error: String?

    /// Whether it was taken: any 2xx.
    public var isTaken: Bool { (200..<300).contains(status ?? 0) }
}
