public import Hummingbird

/// What goes with a request through the ingress.
public struct IngressContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// Who makes the request.
    var caller = Caller.anyone

    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}
