import CLibpq
import Logging

/// A connection of libpq, owned, that blocks its thread while it waits for the server, though never for ever.
struct Wire: ~Copyable {
    let handle: OpaquePointer
    /// How long the server may say nothing while it owes an answer.
    var silence: Duration
    private let cutoff: Cutoff
    private let notices: Notices
    /// How long a wait lasts before it looks whether it was cut off.
    private static let slice = Duration.milliseconds(250)

    private init(handle: OpaquePointer, silence: Duration, cutoff: Cutoff, notices: Notices) {
        self.handle = handle
        self.silence = silence
        self.cutoff = cutoff
        self.notices = notices
    }

    /// Connects.
    ///
    /// - Throws: ``PostgresError`` `unavailable`.
    static func connect(
        _ configuration: PostgresConfiguration, cutoff: Cutoff, logger: Logger
    ) throws(PostgresError) -> Wire {
        guard let handle = start(configuration) else {
            throw PostgresError(.unavailable, "no memory for a connection")
        }
        let wire = Wire(handle: handle, silence: configuration.silence, cutoff: cutoff, notices: Notices(logger))
        PQsetNoticeReceiver(handle, Notices.receive, wire.notices.context)
        try wire.finishConnecting(within: configuration.connectTimeout)
        return wire
    }

    private func finishConnecting(within time: Duration) throws(PostgresError) {
        let deadline = ContinuousClock.now + time
        // What PQconnectStart has begun wants to write first.
        var step = isBroken ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while step == PGRES_POLLING_READING || step == PGRES_POLLING_WRITING {
            let reads = step == PGRES_POLLING_READING
            guard try canGoOn(reads: reads, writes: !reads, deadline) else {
                throw PostgresError(.unavailable, "connecting took longer than \(time)")
            }
            step = PQconnectPoll(handle)
        }
        guard step == PGRES_POLLING_OK, PQsetnonblocking(handle, 1) == 0 else {
            throw PostgresError(.unavailable, message)
        }
    }

    deinit { PQfinish(handle) }

    private static func start(_ configuration: PostgresConfiguration) -> OpaquePointer? {
        let keywords = configuration.keywords.compactMap { name, value in value.map { (name, $0) } }
        let names = keywords.map { CText($0.0) }
        let values = keywords.map { CText($0.1) }
        return withExtendedLifetime((names, values)) {
            PQconnectStartParams(names.map(\.pointer) + [nil], values.map(\.pointer) + [nil], 0)
        }
    }

    var isBroken: Bool { PQstatus(handle) == CONNECTION_BAD }

    /// Outside of any transaction, and with nothing left to read.
    var isIdle: Bool { PQtransactionStatus(handle) == PQTRANS_IDLE && !isInPipeline }

    var isInPipeline: Bool { PQpipelineStatus(handle) != PQ_PIPELINE_OFF }

    var isInTransaction: Bool { [PQTRANS_INTRANS, PQTRANS_INERROR].contains(PQtransactionStatus(handle)) }

    var message: String { String(cString: PQerrorMessage(handle)).onOneLine }

    /// Whether an idle connection still stands, as far as one can know without asking: the server says when it ends it.
    func isStanding() -> Bool {
        // Notices and notifications may come, though not as many as this.
        for _ in 0..<100 {
            if clibpq_wait(PQsocket(handle), 1, 0, 0) == 0 { return !isBroken }
            guard PQconsumeInput(handle) == 1 else { return false }
            _ = PQisBusy(handle)
        }
        return false
    }

    /// The next result of what was sent, sending what is still to be sent. Nil: that was all.
    ///
    /// - Throws: ``PostgresError`` `timeout` or `lost`.
    func nextResult() throws(PostgresError) -> ServerResult? {
        var deadline = ContinuousClock.now + silence
        // While libpq is busy its function for results would block. It is not busy when the connection has broken.
        while PQisBusy(handle) == 1, !isBroken {
            let isUnsent = PQflush(handle) == 1
            switch try wait(reads: true, writes: isUnsent) {
            case .ready: deadline = .now + silence
            case .nothing:
                guard ContinuousClock.now < deadline else {
                    throw PostgresError(.timeout, "the server said nothing for \(silence)", mayHaveRun: true)
                }
            }
            read()
        }
        return PQgetResult(handle).map { ServerResult($0) }
    }

    /// Takes in what has come.
    func read() {
        // Twice: with TLS, part of a record can be left in the library, and the socket does not tell of it. Should one
        // be left even so, the next slice finds it. What fails shows in the next result.
        if PQconsumeInput(handle) == 1, PQsslInUse(handle) == 1 { _ = PQconsumeInput(handle) }
    }

    /// Takes in what comes, until something has come or the time is over.
    func readOnce(until deadline: ContinuousClock.Instant) throws(PostgresError) -> Bool {
        let isReady = try canGoOn(reads: true, writes: false, deadline)
        if isReady { read() }
        return isReady
    }

    private enum Readiness { case ready, nothing }

    private func wait(reads: Bool, writes: Bool, atMost: Duration = slice) throws(PostgresError) -> Readiness {
        if cutoff.isSet { throw PostgresError(.lost, "the client was stopped", mayHaveRun: true) }
        let milliseconds = Int32(clamping: max(0, min(atMost, Self.slice).wholeMilliseconds) + 1)
        switch clibpq_wait(PQsocket(handle), reads ? 1 : 0, writes ? 1 : 0, milliseconds) {
        case 0: return .nothing
        case 1: return .ready
        default: throw PostgresError(.lost, "the connection has no socket", mayHaveRun: true)
        }
    }

    /// Waits until the socket is ready; false when the time is over.
    private func canGoOn(
        reads: Bool, writes: Bool, _ deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> Bool {
        while true {
            let left = deadline - .now
            if case .ready = try wait(reads: reads, writes: writes, atMost: left) { return true }
            if left <= .zero { return false }
        }
    }
}
