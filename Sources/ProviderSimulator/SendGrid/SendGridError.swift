import HTTPTypes
import Hummingbird
import NIOCore

/// One error of SendGrid's list. Wording:
/// https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors
struct SendGridError: Sendable, Equatable {
    var message: String
    var field: String?
    var help: String?

    init(_ message: String, field: String? = nil, anchor: String? = nil) {
        self.message = message
        self.field = field
        help = anchor.map { "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#\($0)" }
    }

    static func body(_ errors: [SendGridError]) -> ByteBuffer {
        JSONText.object { json in
            json.array("errors") { json in
                for error in errors {
                    json.object {
                        $0.member("message", error.message)
                        $0.member("field", error.field)
                        $0.member("help", error.help)
                    }
                }
            }
        }
    }
}

/// A mail that SendGrid would not take.
struct SendGridRefusal: Error, CustomStringConvertible {
    var status: Int
    var errors: [SendGridError]
    var arrival: Arrival

    init(_ status: Int, _ errors: [SendGridError], _ arrival: Arrival) {
        self.status = status
        self.errors = errors
        self.arrival = arrival
    }

    var response: Response { .json(HTTPResponse.Status(code: status), SendGridError.body(errors)) }

    var description: String {
        errors.map { error in error.field.map { "\($0): \(error.message)" } ?? error.message }.joined(separator: " ")
    }
}
