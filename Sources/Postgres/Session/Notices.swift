import CLibpq
import Logging

/// What the server says beside the answers, for the log.
///
/// Results refer to it, too, and may outlive the connection that keeps it: libpq would tell it of a row or column that a
/// result does not have, which we never ask for.
final class Notices: Sendable {
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static let receive: PQnoticeReceiver = { context, result in
        guard let context, let result else { return }
        let logger = Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue().logger
        let text = PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { String(cString: $0) } ?? ""
        logger.debug("Postgres says", metadata: ["notice": "\(text)"])
    }
}
