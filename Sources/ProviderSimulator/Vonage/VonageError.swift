/// An error of Vonage's SMS API, which stands in an answer with HTTP status 200.
/// Source: https://developer.vonage.com/en/api-errors/sms
struct VonageError: Sendable, Equatable {
    var status: Int
    var text: String

    init(_ status: Int, _ text: String? = nil) {
        self.status = status
        self.text = text ?? Self.texts[status] ?? "Error \(status)"
    }

    static func missing(_ parameter: String) -> VonageError { VonageError(2, "Missing \(parameter)") }

    static func invalid(_ parameter: String) -> VonageError {
        VonageError(3, "Invalid value for parameter: \(parameter)")
    }

    private static let texts = [
        // The wait in brackets is in milliseconds.
        1: "Throughput Rate Exceeded - please wait [ 250 ] and retry", 2: "Missing Parameters",
        3: "Invalid Parameters", 4: "Bad Credentials", 5: "Internal Error", 6: "Unroutable message - rejected",
        7: "Number barred", 8: "Partner Account Barred", 9: "Partner quota exceeded",
        10: "Too Many Existing Binds", 11: "Account Not Enabled For HTTP", 12: "Message Too Long",
        14: "Invalid Signature", 15: "Illegal Sender Address - rejected", 22: "Invalid Network Code",
        23: "Invalid Callback URL", 29: "Non White-listed Destination", 32: "Signature And API Secret Disallowed",
        33: "Number De-activated",
    ]
}
