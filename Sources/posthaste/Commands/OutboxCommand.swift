import ArgumentParser
import Ledger
import Operations

struct OutboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox", abstract: "Send messages from an application's own database.",
        discussion: """
            An application inserts a message into the table posthaste_outbox in the transaction that it belongs to. \
            Workers that are given OUTBOX_DATABASE_URL take it from there: it is sent if the transaction commits, and \
            else not.
            """,
        subcommands: [OutboxSQL.self])
}

struct OutboxSQL: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql", abstract: "Print what makes the table: posthaste outbox sql | psql <application's database>"
    )

    func run() { Terminal.write(Outbox.sql) }
}
