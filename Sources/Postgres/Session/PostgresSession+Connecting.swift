import Logging

extension PostgresSession {
    /// Connects and sets the session up.
    ///
    /// - Throws: ``PostgresError`` `unavailable`.
    convenience init(
        _ configuration: PostgresConfiguration, cutoff: Cutoff, logger: Logger
    ) throws(PostgresError) {
        do throws(PostgresError) {
            self.init(try Wire.connect(configuration, cutoff: cutoff, logger: logger))
            try script(configuration.sessionScript)
        } catch {
            throw PostgresError(.unavailable, error.message)
        }
    }
}
