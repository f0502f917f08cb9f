import ArgumentParser
import Delivery
import JobRuntime
import Ledger
import Messaging
import Operations
import Postgres

struct EraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Forget an address, and the texts of all messages to and from it.",
        discussion: """
            In the ledger the messages stay as what happened when; their texts go, and the address. In Redis the texts of \
            finished messages go, and their dead letters. What a provider has called back with stands in Redis until \
            JOB_RECORD_TTL is over. Nothing is done while messages wait or are being sent, unless --cancel says so; what \
            is being sent cannot be taken back, and is left: say it again later. Events that the ledger has not read yet \
            may tell of more: then say it again, too.

            A suppression stays, unless --suppression says so: without it the address would be written to again.

            \(Operator.exitCodes("not everything could be erased")) Where it says Redis, Postgres as well.
            """)

    @Argument(help: "A phone number, a mail address or a URL, just as the messages have it.") var address: String
    @Flag(help: "Cancel messages that wait.") var cancel = false
    @Flag(help: "Forget that nothing is to be sent there, too.") var suppression = false
    @OptionGroup var confirm: ConfirmOptions
    @OptionGroup var answer: AnswerOptions

    func validate() throws {
        if address.isEmpty || address == LedgerErasure.word {
            throw ValidationError("expected a phone number, a mail address or a URL")
        }
    }

    func run() async throws {
        try await Operator.run("erase") { me in
            guard me.keepsEvents else { throw Operator.misused("no ledger is kept here: nothing is known by address") }
            do {
                try await erase(me)
            } catch let error as PostgresError {
                Operator.say("Postgres cannot be asked, or refuses (\(error)): say it again later")
                throw ExitCode(error.isTransient ? 69 : 70)
            }
        }
    }

    private func erase(_ me: Operator) async throws {
        try Operator.expectAnswer(confirm)
        let ledger = LedgerErasure(
            postgres: PostgresClient(
                try me.settings.ledgerDatabase(), connections: 1, logger: try me.settings.logger("posthaste")))
        let messages = try await ledger.messages(of: address)
        let waiting = try await me.inspector.eraseTexts(of: messages, isTrial: true).unfinished
        guard waiting.isEmpty || cancel else {
            Operator.say(
                "nothing was done: these wait or are being sent (--cancel): "
                    + waiting.map(\.description).joined(separator: ", "))
            throw ExitCode(1)
        }
        let canceling = waiting.isEmpty ? "" : ", \(waiting.count) of them to be canceled"
        try Operator.confirm("Erase \(messages.count) messages\(canceling)? Nothing brings them back.", confirm)
        let report = try await erase(messages, canceling: waiting, ledger, me)
        try Operator.show(json: answer.json, report, text: report.description)
        if !report.isComplete { throw ExitCode(1) }
    }

    private func erase(
        _ messages: [JobID], canceling waiting: [JobID], _ ledger: LedgerErasure, _ me: Operator
    ) async throws -> ErasureReport {
        let client = JobClient(store: me.store)
        var canceled = 0
        for id in waiting where try await client.cancel(id) == .canceled { canceled += 1 }
        let left = try await me.inspector.eraseTexts(of: messages, isTrial: true).unfinished
        let rest = messages.filter { !left.contains($0) }
        var deadLetters = 0
        if !rest.isEmpty {
            for queue in Operator.messageQueues {
                deadLetters += try await me.store.deadLetters.drop(
                    queue, .matching(DeadLetterFilter(jobs: Set(rest)))
                ).done
            }
        }
        let records = try await me.inspector.eraseTexts(of: rest)
        let tally = try await ledger.erase(address, rest, suppression: suppression)
        return ErasureReport(
            tally, records: records.erased.count, deadLetters: deadLetters, canceled: canceled,
            suppressions: suppression ? max(try await forgetSuppression(me), tally.suppressions) : 0, left: left)
    }

    /// Without an event: it would tell the ledger of the address again.
    private func forgetSuppression(_ me: Operator) async throws -> Int {
        let list = SuppressionList(DeliveryState(redis: me.redis, keys: me.settings.keys, keepsEvents: false))
        var count = 0
        for kind in Suppression.Kind.allCases where try await list.remove(kind, address) { count += 1 }
        return count
    }
}
