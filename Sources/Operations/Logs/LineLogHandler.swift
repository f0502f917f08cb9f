public import Logging
import Messaging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a record looks like (`LOG_FORMAT`).
public enum LogFormat: String, CaseIterable, Sendable {
    /// For people: `time level message key=value …`.
    case text
    /// For collectors: an object with `time`, `level`, `logger`, `message` and the metadata beside them.
    case json
}

/// Writes each record as one line, with one call, to standard error.
///
/// The line is made by the thread that logs, without a lock. What a value holds cannot end the line or pass for another
/// one, and addresses in it are masked (``LogText``).
public struct LineLogHandler: LogHandler {
    public var logLevel = Logger.Level.info
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let format: LogFormat
    private let clock: @Sendable () -> Int64
    private let put: @Sendable (UnsafeRawBufferPointer) -> Void

    public init(label: String, format: LogFormat) {
        self.init(label: label, format: format, clock: { Self.now }, put: Self.writeToStandardError)
    }

    /// - Parameters:
    ///   - clock: Unix milliseconds.
    ///   - put: takes one line, with its end.
    init(
        label: String, format: LogFormat, clock: @escaping @Sendable () -> Int64,
        put: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
    ) {
        self.label = label
        self.format = format
        self.clock = clock
        self.put = put
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var line = LogLine(format)
        line.begin(
            time: RFC3339.string(unixMilliseconds: clock()), level: event.level.rawValue, logger: label,
            message: event.message.description)
        line.append(all(event.metadata))
        if let error = event.error, event.metadata?["error"] == nil { line.append([("error", .string("\(error)"))]) }
        line.end()
        line.bytes.withUnsafeBytes(put)
    }

    /// In the order of their names: lines that tell the same look the same.
    private func all(_ own: Logger.Metadata?) -> [(key: String, value: Logger.MetadataValue)] {
        var all = metadata
        if let metadataProvider { all.merge(metadataProvider.get()) { $1 } }
        if let own { all = all.isEmpty ? own : all.merging(own) { $1 } }
        return all.sorted { $0.key < $1.key }
    }

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// How long a standard error that does not block may take to have room, in milliseconds.
    private static let patience: Int32 = 1000

    private static func writeToStandardError(_ line: UnsafeRawBufferPointer) {
        var rest = line[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let written = write(STDERR_FILENO, part.baseAddress, part.count)
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                var poller = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
                guard poll(&poller, 1, patience) > 0 else { return }
            } else if errno != EINTR {
                return
            }
        }
    }
}
