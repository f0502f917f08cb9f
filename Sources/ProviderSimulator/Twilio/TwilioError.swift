import HTTPTypes
import Hummingbird

/// An error as Twilio's 2010 API words it. Codes: https://www.twilio.com/docs/api/errors
struct TwilioError: Sendable, Equatable {
    var code: Int
    var message: String
    var status = 400

    var response: Response { response(to: Failure(status: status, reason: message)) }

    func response(to failure: Failure) -> Response {
        let body = JSONText.object {
            $0.member("code", code)
            $0.member("message", message)
            $0.member("more_info", "https://www.twilio.com/docs/errors/\(code)")
            $0.member("status", failure.status)
        }
        var response = failure.response(body)
        if failure.status == 401 { response.headers[.wwwAuthenticate] = "Basic realm=\"Twilio API\"" }
        return response
    }
}

extension TwilioError {
    static let unauthorised = TwilioError(code: 20003, message: "Authenticate", status: 401)
    static let missingTo = TwilioError(code: 21604, message: "A 'To' phone number is required.")
    static let missingSender = TwilioError(
        code: 21603, message: "A 'From' or 'MessagingServiceSid' parameter is required to send a message.")
    static let missingContent = TwilioError(
        code: 21619, message: "A text message body or media urls must be specified.")
    static let bodyTooLong = TwilioError(
        code: 21617, message: "The concatenated message body exceeds the 1600 character limit.")
    static let tooManyMedia = TwilioError(code: 21623, message: "Number of media files exceeds allowed limit")
    static let invalidMedia = TwilioError(code: 21620, message: "Invalid media URL(s)")
    static let sameNumber = TwilioError(code: 21266, message: "'To' and 'From' number cannot be the same")
    static let invalidService = TwilioError(code: 21701, message: "The Messaging Service does not exist.")
    static let invalidValidity = TwilioError(
        code: 21626, message: "Validity period must be between 1 and 36000 seconds.")
    static let scheduleType = TwilioError(
        code: 35126, message: "The ScheduleType value provided is not supported for this channel")
    static let scheduleNeedsTime = TwilioError(code: 35111, message: "SendAt timestamp is missing")
    static let scheduleNeedsService = TwilioError(
        code: 35118, message: "MessagingServiceSid is required to schedule a message")
    static let scheduleTime = TwilioError(
        code: 35114, message: "SendAt time must be between 900 seconds and 35 days (3024000 seconds) in the future")
    static let optedOut = TwilioError(code: 21610, message: "Attempt to send to unsubscribed recipient")
    static let invalidStatus = TwilioError(code: 20001, message: "Invalid Status")
    static let cannotCancel = TwilioError(code: 30409, message: "This message cannot be canceled", status: 409)

    static func invalidTo(_ to: String) -> TwilioError {
        TwilioError(code: 21211, message: "Invalid 'To' Phone Number: \(to)")
    }

    static func invalidFrom(_ from: String) -> TwilioError {
        TwilioError(code: 21212, message: "Invalid From Number (caller ID): \(from)")
    }

    static func invalidCallback(_ url: String) -> TwilioError {
        TwilioError(code: 21609, message: "The 'StatusCallback' URL \(url) is not a valid URL.")
    }

    static func notFound(path: String) -> TwilioError {
        TwilioError(code: 20404, message: "The requested resource \(path) was not found", status: 404)
    }
}

extension TwilioError {
    /// A simulated failure, under the code Twilio uses for such a status unless the fault names another.
    init(_ failure: Failure) {
        let (code, message) =
            switch failure.status {
            case 400: (20001, failure.reason)
            case 401: (20003, "Authenticate")
            case 404: (20404, "The requested resource was not found")
            case 429: (20429, "Too Many Requests")
            case 503: (20503, "Service Unavailable")
            case 500...: (20500, "An internal server error has occurred")
            default: (20000 + failure.status, failure.reason)
            }
        self.init(code: failure.code ?? code, message: message, status: failure.status)
    }
}
