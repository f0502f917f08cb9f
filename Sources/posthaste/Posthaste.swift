import ArgumentParser

@main
struct Posthaste: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "posthaste",
        abstract: "Delivers outbound messages (SMS, MMS, email, webhooks) and loses none.",
        discussion: """
            An ingress takes messages over HTTP and puts them into Redis Streams; workers, as many as you like, \
            deliver them. Settings are environment variables, or a .env file in the working directory; the README \
            has the table.
            """,
        version: Self.version,
        groupedSubcommands: [
            CommandGroup(
                name: "Run",
                subcommands: [IngressCommand.self, WorkerCommand.self, MigrateCommand.self, OutboxCommand.self]),
            CommandGroup(name: "Try", subcommands: [SimulateCommand.self, SendCommand.self]),
            CommandGroup(name: "Check", subcommands: [ConfigCommand.self, DoctorCommand.self, HealthCommand.self]),
            CommandGroup(
                name: "Look",
                subcommands: [
                    TopCommand.self, QueuesCommand.self, PendingCommand.self, WorkersCommand.self, InspectCommand.self,
                    TailCommand.self, AuditCommand.self,
                ]),
            CommandGroup(
                name: "Act",
                subcommands: [
                    DeadCommand.self, ResolveCommand.self, PauseCommand.self, ResumeCommand.self, CancelCommand.self,
                    ReclaimCommand.self, SuppressionsCommand.self, EraseCommand.self, KeysCommand.self,
                ]),
        ])

    static let version = "0.1.0"
}
