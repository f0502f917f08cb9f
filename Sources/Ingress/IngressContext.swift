public import Hummingbird

/// What goes with a request through the ingress.
public struct IngressContext: RequestContext {
    public var coreContext: CoreRequestContextStorage

    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}
