import ArgumentParser
import JobRuntime
import Operations

struct DeadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead", abstract: "Look at dead letters, try them again, or throw them away.",
        discussion: """
            A dead letter is a message or job, whole, that no further attempt is made of, with the reason: permanent, \
            exhausted, too_old, undecodable, no_handler, crash_loop, lost; or unknown: it may have been sent. \
            Where it was, `posthaste resolve` says so.

            """,
        subcommands: [DeadList.self, DeadShow.self, DeadRedrive.self, DeadDrop.self])
}

/// Which letters are meant.
struct DeadFilterOptions: ParsableArguments {
    @Option(help: "Only of this reason.") var reason: String?
    @Option(help: "Only of this kind of job.") var kind: String?
    @Option(help: "Only with this in the error, in upper or lower case.") var error: String?
    @Option(help: "Only what died before: RFC 3339, or how long ago (90s, 15m, 2h, 7d).") var before: String?
    @Option(help: "Only what died after: RFC 3339, or how long ago.") var after: String?

    var isEmpty: Bool { [reason, kind, error, before, after].allSatisfy { $0 == nil } }

    func filter(now: Moment) throws -> DeadLetterFilter {
        func moment(_ text: String?, _ option: String) throws -> Int64? {
            guard let text else { return nil }
            guard let moment = Moment(argument: text, now: now) else {
                throw Operator.misused("\(option): expected RFC 3339, or how long ago (90s, 15m, 2h, 7d)")
            }
            return moment.milliseconds
        }
        return DeadLetterFilter(
            reason: reason.map(DeadReason.init), kind: kind, error: error,
            diedBefore: try moment(before, "--before"), diedAfter: try moment(after, "--after"))
    }
}

struct DeadList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List dead letters, oldest first.",
        discussion: Operator.exitCodes("there is none, or no such queue"))

    @Argument(help: "Queues, sms or message_queue:sms; without any, all of them.") var queues: [String] = []
    @OptionGroup(title: "Which") var which: DeadFilterOptions
    @Option(help: "How many of each queue at most, up to 1000.") var limit = 50
    @Option(help: "Go on after this letter, of one queue.") var from: String?
    @OptionGroup var answer: AnswerOptions

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit: expected 1 to 1000") }
        guard let from else { return }
        guard DeadLetter.ID(from) != nil else { throw ValidationError("--from: expected a letter's id") }
        guard queues.count == 1 else { throw ValidationError("--from: expected one queue beside it") }
    }

    func run() async throws {
        try await Operator.run("dead") { me in
            let names = queues.isEmpty ? try await me.knownQueues() : try await me.queues(queues)
            let now = try await me.inspector.now()
            let filter = try which.filter(now: now)
            var lists: [DeadLetterList] = []
            for name in names {
                let page = try await me.store.deadLetters.list(
                    name, matching: filter, after: from.flatMap(DeadLetter.ID.init), limit: limit)
                lists.append(DeadLetterList(page, of: name))
            }
            let isEmpty = lists.allSatisfy(\.letters.isEmpty)
            try Operator.show(
                json: answer.json, lists,
                text: isEmpty
                    ? "There is no dead letter."
                    : DeadLetterList.text(lists, now: now, Terminal.palette))
            if isEmpty { throw ExitCode(1) }
        }
    }
}

struct DeadShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a dead letter whole, with its payload.",
        discussion: Operator.exitCodes("there is no such letter"))

    @Argument(help: "The queue, sms or message_queue:sms.") var queue: String
    @Argument(help: "The id of the letter, or of its job.", transform: letterName) var id: LetterName
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        try await Operator.run("dead") { me in
            let queue = try await me.queue(queue)
            guard let letter = try await me.letter(id, of: queue) else {
                Operator.say("\(queue) has no dead letter \(id)")
                throw ExitCode(1)
            }
            let now = try await me.inspector.now()
            let report = DeadLetterReport(letter, of: queue, isWhole: true)
            try Operator.show(json: answer.json, report, text: report.text(now: now, Terminal.palette))
        }
    }
}

/// A dead letter as it is typed: by its own id or its job's.
enum LetterName: CustomStringConvertible {
    case letter(DeadLetter.ID)
    case job(JobID)

    var description: String {
        switch self {
        case .letter(let id): "\(id)"
        case .job(let id): "of \(id)"
        }
    }
}

@Sendable func letterName(_ text: String) throws -> LetterName {
    if let id = DeadLetter.ID(text) { return .letter(id) }
    if let id = JobID(text) { return .job(id) }
    throw ValidationError("\(text) is no id: expected a letter's, such as 1795275206746-0, or a job's")
}

extension Operator {
    func letter(_ name: LetterName, of queue: String) async throws(StoreError) -> DeadLetter? {
        switch name {
        case .letter(let id): try await store.deadLetters.show(id, of: queue)
        case .job(let id): try await store.deadLetters.show(id, of: queue)
        }
    }
}
