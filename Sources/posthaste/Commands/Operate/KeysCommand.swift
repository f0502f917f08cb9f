import ArgumentParser
import Ingress
import Logging
import Operations

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make an API key, or look at those that are configured.",
        subcommands: [KeysNew.self, KeysCheck.self])
}

/// Makes a key, which is shown this once: kept of it is what cannot be turned back.
struct KeysNew: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Make an API key for somebody.",
        discussion: """
            Prints the key, which is for whoever is to use it and is nowhere else, and the entry that goes into API_KEYS \
            or, as a line, into the file API_KEYS_FILE. Nothing is changed by this command itself.

            To replace a key, make another one of the same name, add its entry, and take the old entry out when nobody \
            uses it any more, or let it end with expires=. Both share their limits meanwhile.

            Example: posthaste keys new shop --scopes send,read --quota 100000/d
            """)

    @Argument(help: "Who has it: letters, digits, dots, hyphens, underscores.") var name: String
    @Option(help: "What it may do: send, read, operate, separated by commas.") var scopes = "send,read"
    @Option(help: "Whose messages it sends and sees; else those of its name, with operate everybody's.")
    var tenant: String?
    @Option(help: "Requests per endpoint: 600/60 (in 60 s), 50/s, 3000/m.") var rate: String?
    @Option(help: "Messages per calendar hour, day or month: 5000/h, 100000/d, 2000000/month.") var quota: String?
    @Option(help: "The day (UTC) at whose beginning it ends: 2027-01-01.") var expires: String?
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        let key = KeyText.random()
        do throws(KeyFault) {
            let entry = try entry(of: key)
            try show(NewKey(key: key, entry: entry))
        } catch {
            throw Operator.misused("\(error)")
        }
    }

    /// Read back, so that what is printed is sure to be taken.
    private func entry(of key: String) throws(KeyFault) -> String {
        let fields = [
            name, "sha256", KeyDigest(of: key).hex, scopes.split { $0 == "," || $0 == "+" }.joined(separator: "+"),
        ]
        let options = [("tenant", tenant), ("rate", rate), ("quota", quota), ("expires", expires)]
        let entry = (fields + options.compactMap { name, value in value.map { "\(name)=\($0)" } })
            .joined(separator: ":")
        _ = try KeyRing(list: entry)
        return entry
    }

    private func show(_ new: NewKey) throws(KeyFault) {
        let text = """
            The key, shown this once:
              \(new.key)
            Its entry, for API_KEYS or as a line of API_KEYS_FILE:
              \(new.entry)
            """
        do {
            try Operator.show(json: answer.json, new, text: text)
        } catch {
            throw KeyFault("it cannot be shown: \(error)")
        }
    }
}

private struct NewKey: Encodable {
    let key: String
    let entry: String
}

struct KeysCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Show the API keys of API_KEYS or API_KEYS_FILE.",
        discussion: "Exit codes: 0 they can be read; 1 there are none; 64 they have a fault, which is told.")

    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        do {
            let settings = try await Settings.load()
            guard let keys = try settings.apiKeys(try settings.logger("posthaste"))?.keys.ring.keys else {
                Operator.say("there are no API keys: neither API_KEYS nor API_KEYS_FILE is set")
                throw ExitCode(1)
            }
            try Operator.show(
                json: answer.json, keys.map(KeyLine.init), text: keys.map { KeyLine($0).text }.joined(separator: "\n"))
        } catch let error as SettingError {
            throw Operator.misused("\(error)")
        }
    }
}

/// What is shown of a key.
private struct KeyLine: Encodable {
    let name: String
    let scopes: [String]
    let tenant: String?
    let rate: String?
    let quota: String?
    let expires: String?

    init(_ key: APIKey) {
        name = key.name
        scopes = key.scopes
        tenant = key.tenant
        rate = key.rate?.description
        quota = key.quota?.description
        expires = key.expires
    }

    var text: String {
        var words = [name, scopes.joined(separator: "+"), tenant.map { "tenant \($0)" } ?? "every tenant"]
        words += [rate.map { "rate \($0)" }, quota.map { "quota \($0)" }, expires.map { "until \($0)" }]
            .compactMap(\.self)
        return words.joined(separator: "  ")
    }
}
