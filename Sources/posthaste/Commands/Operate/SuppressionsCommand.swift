public import ArgumentParser
import Delivery
import JobRuntime
public import Messaging
import Operations

struct SuppressionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suppressions", abstract: "The addresses that nothing is sent to.",
        discussion: """
            An address comes on the list when its recipient answers STOP, when a provider says that it cannot be \
            reached or has opted out, or when somebody puts it there. Messages to it end as suppressed.
            """,
        subcommands: [
            SuppressionsList.self, SuppressionsShow.self, SuppressionsAdd.self, SuppressionsRemove.self,
        ])
}

extension Suppression.Kind: ExpressibleByArgument {}

/// An address as it is typed.
struct SuppressedAddress: ParsableArguments {
    @Option(help: "What it is the address of.") var kind: Suppression.Kind
    @Argument(help: "A phone number as +15551234567, a mail address, or the URL of a webhook.") var address: String

    func validate() throws {
        let fault =
            switch kind {
            case .phone: PhoneNumber.fault(in: address)
            case .email: EmailAddress.fault(in: address)
            case .webhook: WebAddress.fault(in: address)
            }
        if let fault { throw ValidationError("\(address) is no \(kind.rawValue): it \(fault)") }
    }
}

extension Operator {
    fileprivate var suppressions: SuppressionList {
        SuppressionList(DeliveryState(redis: redis, keys: settings.keys, keepsEvents: keepsEvents))
    }
}

struct SuppressionsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List them, in no order.",
        discussion: """
            They are shown as they are read. One that is put there or taken off meanwhile may be missed or shown twice.

            \(Operator.exitCodes("there is none"))
            """)

    @Option(help: "Only of this kind.") var kind: Suppression.Kind?
    @Option(help: "How many at most.") var limit: Int?
    @Flag(help: "As JSON, an object on each line: moments as RFC 3339.") var json = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit: expected a number above 0") }
    }

    func run() async throws {
        try await Operator.run("suppressions") { me in
            var left = limit ?? .max
            for kind in kind.map({ [$0] }) ?? Suppression.Kind.allCases where left > 0 {
                var cursor: String?
                repeat {
                    let page = try await me.suppressions.page(kind, after: cursor)
                    for suppression in page.suppressions.prefix(left) {
                        if !json, left == limit ?? .max {
                            Terminal.write(SuppressionLine.header(Terminal.palette) + "\n")
                        }
                        try show(suppression)
                        left -= 1
                    }
                    cursor = page.next
                } while cursor != nil && left > 0
            }
            guard left == limit ?? .max else { return }
            if !json { Terminal.write("No address is suppressed.\n") }
            throw ExitCode(1)
        }
    }

    private func show(_ suppression: Suppression) throws {
        let line = SuppressionLine(suppression)
        // Nobody reads any more.
        if !Terminal.write((json ? try JSONText.line(line) : line.text) + "\n") { throw ExitCode.success }
    }
}

struct SuppressionsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Say why nothing is sent to an address.",
        discussion: Operator.exitCodes("it is not on the list"))

    @OptionGroup var which: SuppressedAddress
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        try await Operator.run("suppressions") { me in
            guard let found = try await me.suppressions.find(which.kind, which.address) else {
                Operator.say("\(SuppressionReport(which.kind, which.address, .absent))")
                throw ExitCode(1)
            }
            let line = SuppressionLine(found)
            let now = try await me.inspector.now()
            try Operator.show(json: answer.json, line, text: "\(found.address): \(line.cause(now: now))")
        }
    }
}

struct SuppressionsAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Put an address on the list: nothing is sent to it any more.",
        discussion: Operator.exitCodes("it was on the list before"))

    @OptionGroup var which: SuppressedAddress
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        try await Operator.run("suppressions") { me in
            let now = try await me.inspector.now()
            let isNew = try await me.suppressions.add(
                Suppression(address: which.address, kind: which.kind, reason: .manual, at: now.milliseconds))
            let report = SuppressionReport(which.kind, which.address, isNew ? .added : .present)
            try Operator.show(json: answer.json, report, text: report.description)
            if !isNew { throw ExitCode(1) }
        }
    }
}

struct SuppressionsRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take an address off the list: messages to it are sent again.",
        discussion: """
            Whoever asked for no more messages has to have asked for them anew.

            \(Operator.exitCodes("it was not on the list"))
            """)

    @OptionGroup var which: SuppressedAddress
    @OptionGroup var confirm: ConfirmOptions
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        try await Operator.run("suppressions") { me in
            try Operator.expectAnswer(confirm)
            if let found = try await me.suppressions.find(which.kind, which.address) {
                let cause = SuppressionLine(found).cause(now: try await me.inspector.now())
                try Operator.confirm("Take \(found.address) off the list (\(cause))?", confirm)
            }
            let wasThere = try await me.suppressions.remove(which.kind, which.address)
            let report = SuppressionReport(which.kind, which.address, wasThere ? .removed : .absent)
            try Operator.show(json: answer.json, report, text: report.description)
            if !wasThere { throw ExitCode(1) }
        }
    }
}
