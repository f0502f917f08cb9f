import ArgumentParser
import Operations

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show the settings as they are in effect, and where each comes from.",
        discussion: """
            Nothing secret is shown. What would stop a start is named, and so are variables that look like slips.

            Exit codes: 0 all can be used; 1 some cannot; 64 wrong usage, or a .env that cannot be read.
            """)

    @Argument(help: "Whose start is meant, ingress or worker; without it anybody's.") var part: SettingsSurvey.Part?
    @Flag(help: "Only what is set, without the defaults.") var set = false
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        let survey: SettingsSurvey
        do {
            survey = await SettingsSurvey(try await SettingsReader(), of: part)
        } catch let error as SettingError {
            throw Operator.misused("\(error)")
        }
        let report = survey.report
        try Operator.show(json: answer.json, report, text: report.text(onlySet: set, Terminal.palette))
        if !report.problems.isEmpty { throw ExitCode(1) }
    }
}

extension SettingsSurvey.Part: ExpressibleByArgument {}
