import ArgumentParser
import JobRuntime
import Operations

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Take back messages or jobs that wait.",
        discussion: """
            One that is being sent cannot be taken back.

            \(Operator.exitCodes("not all of them could be"))
            """)

    @Argument(help: "The ids.", transform: jobID) var ids: [JobID]
    @OptionGroup var confirm: ConfirmOptions
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        try await Operator.run("cancel") { me in
            try Operator.confirm(ids.count == 1 ? "Cancel \(ids[0])?" : "Cancel \(ids.count) jobs?", confirm)
            let client = JobClient(store: me.store)
            var reports: [CancelReport] = []
            for id in ids { reports.append(CancelReport(id, try await client.cancel(id))) }
            try Operator.show(
                json: answer.json, reports, text: reports.map(\.description).joined(separator: "\n"))
            if !reports.allSatisfy(\.isCanceled) { throw ExitCode(1) }
        }
    }
}
