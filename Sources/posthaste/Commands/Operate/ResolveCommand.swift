import ArgumentParser
import Foundation
import JobRuntime
import Messaging
import Operations

struct ResolveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "Say that a message held as unknown was sent.",
        discussion: """
            For one of which a provider could not tell, and that somebody has found there. It counts as sent then, and \
            its dead letter goes. `posthaste dead list --reason unknown` lists what is held; what was not sent after all \
            is redriven or dropped there.

            \(Operator.exitCodes("it is not held as unknown"))
            """)

    @Argument(help: "The id.", transform: jobID) var id: JobID
    @OptionGroup var confirm: ConfirmOptions
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        try await Operator.run("resolve") { me in
            try Operator.expectAnswer(confirm)
            let state = try await me.inspector.explain(id).state
            guard state == .unknown else { return try show(ResolveReport(id, state, wasReported: false)) }
            try Operator.confirm("Count \(id) as sent?", confirm)
            _ = try await JobClient(store: me.store).report(try await word(me), of: id)
            let now = try await me.inspector.explain(id).state
            try show(ResolveReport(id, now, wasReported: true))
        }
    }

    private func word(_ me: Operator) async throws -> JobRuntime.JobReport {
        let person = Operator.person
        let now = try await me.inspector.now()
        return JobRuntime.JobReport(
            name: MessageStatus.sent.rawValue, rank: MessageStatus.sent.rank,
            detail: try JSONText.line(["resolved_by": person]), token: "resolve:\(person):\(now.milliseconds)",
            provesEffect: true)
    }

    private func show(_ report: ResolveReport) throws {
        try Operator.show(json: answer.json, report, text: report.description)
        if !report.isResolved { throw ExitCode(1) }
    }
}

extension Operator {
    /// Who sits there, as far as the environment tells.
    fileprivate static var person: String {
        let environment = ProcessInfo.processInfo.environment
        return ["SUDO_USER", "USER", "LOGNAME"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? "somebody"
    }
}
