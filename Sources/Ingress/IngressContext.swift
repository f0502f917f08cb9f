import Delivery
public import Hummingbird
import NIOCore

/// What goes with a request through the ingress. What the ``Door`` knows of it is there for all that stand behind.
public struct IngressContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// Who makes the request.
    var caller = Caller.anyone {
        didSet { notes.caller = caller.name }
    }
    /// What the request's messages are counted with; nil: they are not.
    var meter: MessageMeter?
    /// What it is called in the answer and in the log.
    var requestID = ""
    /// The address of whoever makes it, through the proxies that are trusted; nil: not known.
    var client: IPAddress?
    /// The trace that it is part of; nil: none.
    var trace: TraceContext?
    /// What its body takes its memory from; nil: nothing is counted.
    var bodies: BodyBudget?
    /// What a refusal for lack of memory tells the client to wait, in seconds.
    var retryAfter = 2
    let notes = RequestNotes()
    let channel: any NIOCore.Channel

    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
