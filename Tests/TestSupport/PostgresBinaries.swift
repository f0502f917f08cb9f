import Foundation

/// Where the programs of a Postgres server are, and as whom they run: it refuses to be root.
struct PostgresBinaries: Sendable {
    struct Missing: Error, CustomStringConvertible {
        let description = "no initdb in PATH or /usr/lib/postgresql: apt-get install postgresql"
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    private let directory: URL
    private let user: (id: uid_t, group: gid_t)?

    /// - Throws: ``Missing``.
    init() throws {
        let versions = URL(fileURLWithPath: "/usr/lib/postgresql")
        let installed = (try? FileManager.default.contentsOfDirectory(atPath: versions.path)) ?? []
        let newest = installed.sorted { $0.compare($1, options: .numeric) == .orderedDescending }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let candidates =
            path.split(separator: ":").map { URL(fileURLWithPath: String($0)) }
            + newest.map { versions.appending(path: "\($0)/bin") }
        let found = candidates.first { directory in
            ["initdb", "postgres"].allSatisfy {
                FileManager.default.isExecutableFile(atPath: directory.appending(path: $0).path)
            }
        }
        guard let found else { throw Missing() }
        directory = found
        user = geteuid() == 0 ? Self.unprivileged : nil
    }

    /// Looked up once: the answer stands in memory that the next look-up, in any thread, changes.
    private static let unprivileged: (id: uid_t, group: gid_t)? = {
        guard let entry = getpwnam("postgres") ?? getpwnam("nobody") else { return nil }
        return (entry.pointee.pw_uid, entry.pointee.pw_gid)
    }()

    /// Gives a directory and all in it to the user that the programs run as.
    func hand(over directory: URL) throws {
        guard let user else { return }
        let inside = FileManager.default.enumerator(atPath: directory.path)?.compactMap { $0 as? String } ?? []
        for path in [directory.path] + inside.map({ directory.appending(path: $0).path }) {
            try FileManager.default.setAttributes(
                [.ownerAccountID: Int(user.id), .groupOwnerAccountID: Int(user.group)], ofItemAtPath: path)
        }
    }

    /// Starts a program that is killed when this process ends, however it does.
    func start(_ program: String, _ arguments: [String], in directory: URL) async throws -> ChildProcess {
        // In this order: who changes the user is told of no death any more.
        var command = ["setpriv"]
        if let user { command += ["--reuid=\(user.id)", "--regid=\(user.group)", "--clear-groups"] }
        command += ["--pdeathsig=KILL", self.program(program)] + arguments
        return try await LastingThread.run { [command] in
            try ChildProcess("/usr/bin/env", command, directory: directory)
        }
    }

    /// Runs a program to its end.
    func run(_ program: String, _ arguments: [String], in directory: URL) async throws {
        let process = try await start(program, arguments, in: directory)
        let status = await process.wait()
        guard status == 0 else { throw Failure(description: "\(program) failed (\(status)): \(process.output)") }
    }

    private func program(_ name: String) -> String {
        let path = directory.appending(path: name).path
        return FileManager.default.isExecutableFile(atPath: path) ? path : name
    }
}
