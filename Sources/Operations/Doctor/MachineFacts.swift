/// What is to be known of the machine.
public struct MachineFacts: Sendable, Equatable {
    /// How far its clock is ahead of Redis's and Postgres's, by name.
    public var ahead: [(of: String, by: Duration)] = []
    /// How far off that may be, for the time that asking took.
    public var doubt: Duration = .zero
    /// Open files: what a process has, and what it may raise that to.
    public var files: (now: Int, most: Int)?
    /// The most files that the ingress wants, and a worker.
    public var wanted: (ingress: Int, worker: Int) = (0, 0)

    public init() {}

    public static func == (one: MachineFacts, other: MachineFacts) -> Bool {
        one.ahead.elementsEqual(other.ahead) { $0.of == $1.of && $0.by == $1.by } && one.doubt == other.doubt
            && one.files?.now == other.files?.now && one.files?.most == other.files?.most
            && one.wanted == other.wanted
    }

    private static let skew: Duration = .seconds(1)

    public var findings: [DoctorFinding] { ahead.map(clock) + [fileLimit].compactMap(\.self) }

    private func clock(_ of: String, _ ahead: Duration) -> DoctorFinding {
        let off = ahead < .zero ? .zero - ahead : ahead
        guard off > Self.skew + doubt else { return .ok("clock", "as \(of) has it, within a second") }
        let seconds = "\(off.components.seconds) s"
        return .warning(
            "clock", "\(seconds) \(ahead < .zero ? "behind" : "ahead of") \(of)",
            why: "schedules go by Redis, but signatures, certificates and logs by this clock",
            mend: "timedatectl set-ntp true, on the machine that is wrong")
    }

    private var fileLimit: DoctorFinding? {
        guard let files else { return nil }
        let seen = "\(files.now) open files, \(files.most) at most"
        guard files.most < max(wanted.ingress, wanted.worker) else { return .ok("files", seen) }
        let (who, count) =
            wanted.ingress > files.most ? ("the ingress", wanted.ingress) : ("a worker", wanted.worker)
        return .warning(
            "files", seen, why: "\(who) wants \(count), and takes fewer connections with less",
            mend: "ulimit -Hn \(count), LimitNOFILE=\(count) or a lower MAX_CONNECTIONS or WORKER_CONCURRENCY")
    }
}
