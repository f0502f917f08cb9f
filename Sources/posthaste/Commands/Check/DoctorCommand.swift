import ArgumentParser
import Operations

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look for what is wrong with an installation, and say how to mend it.",
        discussion: """
            Looks at the settings, Redis, Postgres, the providers, the clocks and this machine's limits. Nothing is \
            written, and nothing is sent: of the providers it is asked whether they would let us in.

            Exit codes: 0 no errors; 1 errors; 64 wrong usage, or a .env that cannot be read.
            """)

    @Flag(help: "Do not ask the providers.") var offline = false
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        let report: DoctorReport
        do {
            report = DoctorReport(await Examination(try await SettingsReader()).findings(asksProviders: !offline))
        } catch let error as SettingError {
            throw Operator.misused("\(error)")
        }
        try Operator.show(json: answer.json, report, text: report.text(Terminal.palette))
        if report.errors > 0 { throw ExitCode(1) }
    }
}
