public import Messaging
import NIOCore

/// What came of one try to hand a message over, in terms that are the same for every provider.
public enum Verdict: Sendable, Equatable {
    /// The provider took the message.
    case accepted(Receipt)

    /// The provider refuses this message and always will.
    case refused(Fault)

    /// The message's time had passed.
    case expired(Fault)

    /// Not taken: too much at once. `after` is how long the provider asks to wait, where it says.
    case throttled(Fault, after: Duration?)

    /// Not taken, and no message like it will be until a person changes the account or the settings; how many are like
    /// it, ``Fault/scope`` says.
    case misconfigured(Fault)

    /// It may have been taken or not, and trying again could deliver it twice.
    case ambiguous(Fault)

    /// Not taken, or taking it twice is harmless; another try may succeed. `after` is how long the other side asks to
    /// wait, where it does.
    case transient(Fault, after: Duration? = nil)
}

extension Verdict {
    /// What a provider says that did not take the message.
    public var fault: Fault? {
        switch self {
        case .accepted: nil
        case .refused(let fault), .expired(let fault), .throttled(let fault, _), .misconfigured(let fault),
            .ambiguous(let fault), .transient(let fault, _):
            fault
        }
    }
}

/// A provider's acknowledgement.
public struct Receipt: Sendable, Equatable {
    public var provider: String

    /// The provider's own id of the message, by which its callbacks and its support know it. Nil where it has none, or
    /// where it accepted the message and the rest of its answer was lost.
    public var id: String?

    /// When the provider made the message, Unix milliseconds of its clock, where it was found there.
    public var at: Int64?

    /// What a text message is charged as; see ``Segments``.
    public var segments: Int?

    /// The HTTP status, where the other side has no id to give.
    public var status: Int?

    /// Whether it was found at the provider after a try of which nobody knew the end, and not sent again.
    public var wasFound = false

    public init(provider: String, id: String? = nil, segments: Int? = nil, status: Int? = nil) {
        self.provider = provider
        self.id = id
        self.segments = segments
        self.status = status
    }

    /// A JSON object for the job's record: `{"provider":"twilio","id":"SM…","segments":1}`.
    public var json: String {
        var document = JSONWriter(capacity: 96)
        document.beginObject()
        document.member("provider", provider)
        if let id { document.member("id", id) }
        if let segments { document.member("segments", segments) }
        if let status { document.member("status", status) }
        if wasFound {
            document.key("found")
            document.bool(true)
        }
        document.endObject()
        return String(buffer: document.buffer)
    }
}

/// Why a message was not taken, for the person who runs the service. Never holds a secret, a body, an address or a
/// phone number, and so never a vendor's own error text, which repeats them.
public struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
    public var provider: String
    /// The vendor's error code, where it gave one.
    public var code: Int?
    /// What happened, as a clause without a full stop.
    public var what: String
    /// What to do about it, as a sentence.
    public var remedy: String
    /// What it is about, and so what breaker it counts for.
    public var scope = Scope.provider
    /// Why the recipient goes on the suppression list; nil: it does not.
    public var suppresses: Suppression.Reason?

    public enum Scope: Sendable, Equatable {
        case provider
        /// The message's sender at this provider.
        case sender
        /// This message, and others like it: a region, a recipient.
        case message
    }

    public init(
        provider: String, code: Int? = nil, what: String, remedy: String, scope: Scope = .provider,
        suppresses: Suppression.Reason? = nil
    ) {
        self.provider = provider
        self.code = code
        self.what = what
        self.remedy = remedy
        self.scope = scope
        self.suppresses = suppresses
    }

    public var description: String {
        "\(provider)\(code.map { " \($0)" } ?? ""): \(what). \(remedy)"
    }
}
