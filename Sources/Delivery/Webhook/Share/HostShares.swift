import Messaging
import Synchronization

/// The one ``HostShare`` of a worker, for all its handlers.
final class HostShares: Sendable {
    private let share: Mutex<HostShare>

    init(slots: Int) { share = Mutex(HostShare(slots: slots)) }

    /// - Parameter host: as ``Webhook/host`` has it.
    func acquire(_ host: String) -> HostShare.Admission {
        share.withLock { $0.acquire(host, now: .now) }
    }

    /// To be called once for every admission, whatever came of it.
    func release(_ host: String, took: Duration) {
        share.withLock { $0.release(host, took: took) }
    }
}

extension Webhook {
    /// The host that the endpoint's slots are counted by: in small letters, without port, brackets stay, without a dot
    /// at its end.
    var host: String {
        let authority = to.drop { $0 != "/" }.dropFirst(2).prefix { !"/?#".contains($0) }
        let end = authority.first == "[" ? authority.firstIndex(of: "]").map(authority.index(after:)) : nil
        let host = authority[..<(end ?? authority.firstIndex(of: ":") ?? authority.endIndex)]
        return (host.last == "." ? host.dropLast() : host).lowercased()
    }
}
