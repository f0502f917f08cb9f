import CLibpq

extension PostgresSession {
    /// Listens to a channel until the end of the body.
    ///
    /// - Throws: ``PostgresError``.
    public func listen(_ channel: String) throws(PostgresError) {
        isSpent = true
        try query(PostgresQuery("LISTEN \"\(channel.replacing("\"", with: "\"\""))\""))
    }

    /// The next notification; waits for it. Nil: none came within that time.
    ///
    /// - Throws: ``PostgresError``, when the connection ends.
    public func notification(within time: Duration) throws(PostgresError) -> PostgresNotification? {
        let deadline = ContinuousClock.now + time
        return try onWire { session throws(PostgresError) in
            while true {
                if let notification = session.wire.notification() { return notification }
                guard !session.wire.isBroken else { throw PostgresError(.lost, session.wire.message) }
                guard try session.wire.readOnce(until: deadline) else { return session.wire.notification() }
            }
        }
    }
}

extension Wire {
    fileprivate func notification() -> PostgresNotification? {
        guard let notification = PQnotifies(handle) else { return nil }
        defer { PQfreemem(notification) }
        let (name, extra) = (notification.pointee.relname, notification.pointee.extra)
        return PostgresNotification(
            channel: name.map { String(cString: $0) } ?? "", payload: extra.map { String(cString: $0) } ?? "",
            process: notification.pointee.be_pid)
    }
}
