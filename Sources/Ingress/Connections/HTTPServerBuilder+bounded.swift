package import Hummingbird
import HummingbirdCore

extension HTTPServerBuilder {
    /// A server of HTTP/1.1 whose connections are held to limits, for servers beside the ingress.
    package static func bounded(by limits: ConnectionLimits) -> HTTPServerBuilder {
        let watches = ConnectionWatches(limits)
        return HTTPServerBuilder { WatchedChannel($0, watches: watches, door: nil) }
    }
}
