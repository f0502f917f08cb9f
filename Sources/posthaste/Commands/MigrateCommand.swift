import ArgumentParser
import Ledger
import Operations
import Postgres

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the ledger's tables up to date.",
        discussion: """
            Applies what the database of the ledger (DATABASE_URL, or POSTGRES_HOST and the like) lacks, each step in a \
            transaction of its own. Any number of processes may do so at once: one migrates, the others wait.

            --reset throws the whole ledger away first. It asks, and refuses where ENVIRONMENT is production.

            Exit codes: 0 done; 1 the database cannot be migrated, or nothing was done; 64 wrong usage or settings; \
            69 Postgres cannot be reached.
            """)

    @Flag(help: "Say what would be done, and do nothing.") var check = false
    @Flag(help: "Throw the ledger away and make its tables anew.") var reset = false
    @OptionGroup var options: ConfirmOptions

    func run() async throws {
        let settings: Settings
        let configuration: PostgresConfiguration
        do {
            settings = try await Settings.load()
            configuration = try settings.ledgerDatabase()
            if reset, settings.environment == .production {
                throw SettingError(variable: "ENVIRONMENT", expected: "anything but production for --reset")
            }
        } catch let error as SettingError {
            throw Operator.misused("\(error)")
        }
        if reset {
            try Operator.confirm("Throw away all that the ledger in \(configuration) has?", options)
        }
        do {
            try await migrate(configuration, settings)
        } catch let error as MigrationError {
            Operator.say("\(error)")
            throw ExitCode(1)
        } catch let error as PostgresError {
            Operator.say("\(configuration): \(error)")
            throw ExitCode(error.isTransient ? 69 : 1)
        }
    }

    private func migrate(_ configuration: PostgresConfiguration, _ settings: Settings) async throws {
        let postgres = PostgresClient(
            configuration, connections: 1, logger: try settings.logger("posthaste.migrate"))
        let migrator = try Migrator(LedgerMigrations.all)
        if check {
            let status = try await migrator.status(on: postgres)
            if let problem = status.problem { throw problem }
            let pending = status.pending.map { "\($0)" }
            return print(pending.isEmpty ? "Up to date" : "To be applied: \(pending.joined(separator: ", "))")
        }
        if reset { try await takeAway(migrator, postgres) }
        let applied = try await migrator.run(on: postgres, logger: try settings.logger("posthaste.migrate"))
        print(applied.isEmpty ? "Up to date" : "Applied: \(applied.map { "\($0)" }.joined(separator: ", "))")
    }

    /// Only what is a ledger: others call their tables `messages`, too.
    private func takeAway(_ migrator: Migrator, _ postgres: PostgresClient) async throws {
        let applied = try await migrator.status(on: postgres).applied
        guard let first = applied.first else { return }
        guard first.name == LedgerMigrations.all.first?.name else {
            Operator.say("the tables of this database are not a ledger's, and nothing was done")
            throw ExitCode(1)
        }
        try await postgres.perform { try $0.script(LedgerMigrations.reset) }
    }
}
