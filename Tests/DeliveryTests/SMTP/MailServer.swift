import FoundationEssentials
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A real mail server that tells what it sees and obeys its mails; see scripts/judges/smtp_judge.py.
struct MailServer {
    /// Nil: tests with it are left out. `export POSTHASTE_JUDGES_PYTHON="$(scripts/judges/setup)"` lets them run.
    static let python = getenv("POSTHASTE_JUDGES_PYTHON").map { String(cString: $0) }
    static let reason: Comment = "POSTHASTE_JUDGES_PYTHON is unset; scripts/judges/setup prints what to set it to"
    /// What it takes for a login, percent-encoded.
    static let credentials = "ann%40example.com:p%40ss%3A%2F%3F%25w%C3%B6rd"

    struct Options: Encodable {
        var tls = "none"
        var login: Bool?
        var mechanisms: [String]?
        var greeting: String?
        var mailsPerConnection: Int?
        var muteQuit: Bool?
        fileprivate var directory = ""

        init(
            tls: String = "none", login: Bool? = nil, mechanisms: [String]? = nil, greeting: String? = nil,
            mailsPerConnection: Int? = nil, muteQuit: Bool? = nil
        ) {
            self.tls = tls
            self.login = login
            self.mechanisms = mechanisms
            self.greeting = greeting
            self.mailsPerConnection = mailsPerConnection
            self.muteQuit = muteQuit
        }

        enum CodingKeys: String, CodingKey {
            case tls, login, mechanisms, greeting, directory
            case mailsPerConnection = "mails_per_connection"
            case muteQuit = "mute_quit"
        }
    }

    /// What it tells, a line each.
    struct Event: Decodable {
        struct Attachment: Decodable, Equatable {
            var filename: String?
            var type: String
            var charset: String?
            var sha256: String
        }
        var event: String
        var port: Int?
        var authority: String?
        var connection: Int?
        var stage: String?
        var mechanism: String?
        var sender: String?
        var recipients: [String]?
        var login: Bool?
        var tls: Bool?
        var isSizeTrue: Bool?
        var headers: [[String]]?
        var defects: [String]?
        var date: Double?
        var text: String?
        var html: String?
        var attachments: [Attachment]?
        var longest: Int?
        var isASCII: Bool?
        var loneBreaks: Int?
        var dots: Int?

        func header(_ name: String) -> [String] { headers.map { $0.filter { $0[0] == name }.map { $0[1] } } ?? [] }
    }

    let port: Int
    /// The file that its certificate is trusted by.
    let authority: String
    private let process: ChildProcess

    static func with<Result>(
        _ options: Options = Options(), body: (MailServer) async throws -> Result
    ) async throws -> Result {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let directory = FileManager.default.temporaryDirectory.appending(path: "mail-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var options = options
        options.directory = directory.path
        let process = try ChildProcess(
            try #require(python),
            [
                root.appending(path: "scripts/judges/smtp_judge.py").path,
                String(decoding: try JSONEncoder().encode(options), as: UTF8.self),
            ], environment: ["PYTHONDONTWRITEBYTECODE": "1"], directory: directory)
        var listening: Event?
        try await eventually("the mail server listens") {
            listening = try events(of: process).first { $0.event == "listening" }
            return listening != nil
        }
        let server = MailServer(
            port: try #require(listening?.port, "\(process.output)"), authority: listening?.authority ?? "",
            process: process)
        do {
            let result = try await body(server)
            await process.killHard()
            return result
        } catch {
            await process.killHard()
            throw error
        }
    }

    /// What it has told so far, of one kind.
    func events(_ kind: String) throws -> [Event] { try Self.events(of: process).filter { $0.event == kind } }

    /// The mail that it took whole with this id.
    func mail(_ id: some CustomStringConvertible) throws -> Event? {
        try events("mail").first { $0.header("X-Posthaste-ID") == ["\(id)"] }
    }

    /// Whole lines only; others than ours are Python's warnings.
    private static func events(of process: ChildProcess) throws -> [Event] {
        try process.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .filter { $0.hasPrefix("{") }.map { try JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
    }
}
