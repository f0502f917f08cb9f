import ArgumentParser
import JobRuntime
import Operations

/// What `redrive` and `drop` have in common: which letters, how fast, and the question before.
struct DeadClearOptions: ParsableArguments {
    @Argument(help: "The queue, sms or message_queue:sms.") var queue: String
    @Argument(help: "The ids of letters, or of their jobs.", transform: letterName) var ids: [LetterName] = []
    @OptionGroup(title: "Which") var which: DeadFilterOptions
    @Flag(help: "All of them.") var all = false
    @Option(help: "How many a second at most.") var rate: Int?
    @OptionGroup var confirm: ConfirmOptions
    @OptionGroup var answer: AnswerOptions

    func validate() throws {
        guard [!ids.isEmpty, !which.isEmpty, all].count(where: \.self) == 1 else {
            throw ValidationError("say which: ids, or filters, or --all")
        }
        if let rate, rate < 1 { throw ValidationError("--rate: expected a number above 0") }
    }

    /// Finds out which letters are meant, and asks.
    ///
    /// - Parameters:
    ///   - verb: what is to be done to them.
    ///   - leavesUnknown: but not to those that may have been sent, unless they are named.
    func selection(
        _ verb: String, _ me: Operator, _ queue: String, leavesUnknown: Bool = false
    ) async throws -> DeadLetters.Selection {
        try Operator.expectAnswer(confirm)
        var selection = DeadLetters.Selection.matching(try which.filter(now: try await me.inspector.now()))
        if !ids.isEmpty {
            var letters: [DeadLetter.ID] = []
            for id in ids {
                guard let letter = try await me.letter(id, of: queue) else {
                    Operator.say("\(queue) has no dead letter \(id)")
                    throw ExitCode(1)
                }
                letters.append(letter.id)
            }
            selection = .letters(letters)
        }
        guard !confirm.yes else { return selection }
        var counts = try await me.store.deadLetters.count(queue, selection)
        if leavesUnknown, ids.isEmpty, which.reason != DeadReason.unknown.rawValue { counts[.unknown] = nil }
        let total = counts.values.reduce(0, +)
        guard total > 0 else { return selection }
        let reasons = counts.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key.rawValue)" }
        let letters = total == 1 ? "1 dead letter" : "\(total) dead letters"
        try Operator.confirm("\(verb) \(letters) of \(queue) (\(reasons.joined(separator: ", ")))?", confirm)
        return selection
    }

    /// Shows how far it has come, to whoever sits there.
    func progress(_ tally: DeadLetters.Tally) {
        if Terminal.isTerminal(.error) { Terminal.write("\r\(tally.done) so far\u{1B}[K\r", to: .error) }
    }

    func show(_ report: ClearReport) throws {
        try Operator.show(json: answer.json, report, text: report.description)
        if report.tally.done == 0 { throw ExitCode(1) }
    }
}

struct DeadRedrive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive", abstract: "Put dead letters back into their queue, as first attempts.",
        discussion: """
            Letters of reason unknown may have been sent: they are left, unless they are chosen by id, by --reason \
            unknown, or with --include-unknown. What dies again meanwhile is left.

            \(Operator.exitCodes("none was redriven"))
            """)

    @OptionGroup var options: DeadClearOptions
    @Flag(help: "Those that may have been sent as well.") var includeUnknown = false

    func run() async throws {
        try await Operator.run("dead") { me in
            let queue = try await me.queue(options.queue)
            let selection = try await options.selection("Redrive", me, queue, leavesUnknown: !includeUnknown)
            let tally = try await me.store.deadLetters.redrive(
                queue, selection, includingUnknown: includeUnknown, perSecond: options.rate,
                progress: options.progress)
            try options.show(ClearReport(queue, "redriven", tally))
        }
    }
}

struct DeadDrop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Throw dead letters away.",
        discussion: """
            The record of each says so as long as it stands, and `tail` tells.

            \(Operator.exitCodes("none was dropped"))
            """)

    @OptionGroup var options: DeadClearOptions

    func run() async throws {
        try await Operator.run("dead") { me in
            let queue = try await me.queue(options.queue)
            let selection = try await options.selection("Drop for ever", me, queue)
            let tally = try await me.store.deadLetters.drop(
                queue, selection, perSecond: options.rate, progress: options.progress)
            try options.show(ClearReport(queue, "dropped", tally))
        }
    }
}
