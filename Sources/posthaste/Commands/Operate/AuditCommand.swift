import ArgumentParser
import Delivery
import JobRuntime
import Ledger
import Operations
import Postgres

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Compare the ledger with the queues: has every message an end or a place?",
        discussion: """
            Goes through all that the ledger says is still to be done, and through all that the queues hold, beside live \
            traffic. What seems wrong is looked at again once the ledger has read all events.

            --repair puts messages back into their queue that were accepted and are nowhere, as after the loss of a Redis. \
            They may have been sent: where their provider can be asked it is asked, else they are held or sent again as \
            they say (on_ambiguous). It also puts addresses back on the suppression list.

            Exit codes: 0 it balances, or what was wrong was repaired; 1 it does not; 2 not to be told: events wait to be \
            kept; 64 wrong usage or settings; 69 Redis or Postgres cannot be reached; 70 one of them refuses.
            """)

    @Flag(help: "Put back what is missing.") var repair = false
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        try await Operator.run("audit") { posthaste in
            let configuration = try posthaste.settings.ledgerDatabase()
            do {
                try await audit(posthaste, configuration)
            } catch let error as PostgresError {
                Operator.say("\(configuration): \(error)")
                throw ExitCode(error.isTransient ? 69 : 70)
            }
        }
    }

    private func audit(_ posthaste: Operator, _ configuration: PostgresConfiguration) async throws {
        let logger = try posthaste.settings.logger("posthaste.audit")
        let auditor = posthaste.settings.auditor(
            PostgresClient(Auditor.configuration(from: configuration), connections: 2, logger: logger), posthaste.redis,
            posthaste.store,
            keepsEvents: posthaste.keepsEvents, logger)
        let report = try await auditor.run(repairs: repair)
        try Operator.show(json: answer.json, AuditText(report), text: AuditText(report).text)
        guard report.undecided == 0 else { throw ExitCode(2) }
        guard report.isBalanced || (repair && report.isRepaired) else { throw ExitCode(1) }
    }
}

extension AuditReport {
    /// Whether nothing of what was wrong is left.
    fileprivate var isRepaired: Bool { behind.isEmpty && unaccounted.isEmpty && repair?.left.isEmpty == true }
}
