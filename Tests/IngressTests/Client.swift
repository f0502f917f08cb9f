import Delivery
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JobRuntime
import Logging
import NIOCore
import Testing

@testable import Ingress

/// The ingress in process, and what a client sees of it.
struct Client: Sendable {
    let intake: any MessageIntake
    var suppressions = FakeSuppressions()
    var log: FakeLog?
    var callbacks = CallbackSettings()
    var access = AccessRules()
    var settings = IngressSettings()
    var setup = TestingSetup.router
    var accessLog: AccessLog?

    var outcomes: (any OutcomeSource)?
    var deadLetters: DeadLetters?

    init(_ intake: any MessageIntake = FakeIntake()) { self.intake = intake }

    /// What was enqueued, in order.
    var jobs: [NewJob] { (intake as? FakeIntake)?.jobs ?? [] }

    func execute(
        _ method: HTTPRequest.Method, _ path: String, headers: HTTPFields = [:], body: ByteBuffer? = nil
    ) async throws -> Answer {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        var parts = IngressParts(
            intake: intake, suppressions: suppressions, log: log, callbacks: callbacks, outcomes: outcomes,
            deadLetters: deadLetters)
        parts.access = access
        let router = IngressApplication.router(parts, settings: settings, log: accessLog, logger: logger)
        return try await Application(router: router).test(setup) { client in
            let response = try await client.executeRequest(uri: path, method: method, headers: headers, body: body)
            return Answer(status: response.status.code, headers: response.headers, body: response.body)
        }
    }

    func get(_ path: String) async throws -> Answer { try await execute(.get, path) }

    func post(_ path: String, _ json: String = "", headers: HTTPFields = [:]) async throws -> Answer {
        var headers = headers
        if headers[.contentType] == nil { headers[.contentType] = "application/json" }
        return try await execute(.post, path, headers: headers, body: ByteBuffer(string: json))
    }

    func send(_ body: ByteBuffer, contentType: String? = "application/json") async throws -> Answer {
        var headers = HTTPFields()
        headers[.contentType] = contentType
        return try await execute(.post, "/api/v1/messages/send", headers: headers, body: body)
    }

    func send(_ json: String, contentType: String? = "application/json") async throws -> Answer {
        try await send(ByteBuffer(string: json), contentType: contentType)
    }
}

struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let body: ByteBuffer

    /// The body as a JSON object, told apart from anything else.
    func object() throws -> [String: JSON] {
        try JSONDecoder().decode([String: JSON].self, from: Data(body.readableBytesView))
    }

    /// The body as a problem, which must say of itself what the answer says.
    func problem() throws -> Refusal {
        #expect(headers[.contentType] == "application/problem+json")
        let refusal = try JSONDecoder().decode(Refusal.self, from: Data(body.readableBytesView))
        #expect(refusal.status == status)
        #expect(!refusal.title.isEmpty && !refusal.detail.isEmpty)
        return refusal
    }
}

struct Refusal: Decodable {
    struct Place: Decodable, Equatable {
        var pointer: String
        var detail: String
    }

    var type: String
    var title: String
    var status: Int
    var detail: String
    var errors: [Place]?
    var requestID: String?
    var messageID: String?
    var messageURL: String?

    enum CodingKeys: String, CodingKey {
        case type, title, status, detail, errors
        case requestID = "request_id"
        case messageID = "message_id"
        case messageURL = "message_url"
    }

    var pointers: [String] { (errors ?? []).map(\.pointer) }
}

/// Any JSON value.
enum JSON: Decodable, Equatable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    case null, bool(Bool), number(Double), string(String), array([JSON]), object([String: JSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    init(nilLiteral: ()) { self = .null }
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int) { self = .number(Double(value)) }
    init(arrayLiteral elements: JSON...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Dictionary(uniqueKeysWithValues: elements)) }

    var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    var array: [JSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    subscript(name: String) -> JSON? {
        if case .object(let members) = self { members[name] } else { nil }
    }
}
