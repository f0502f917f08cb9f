import Configuration
import Foundation
import SystemPackage

/// Reads settings from the environment, and from a `.env` file where the environment says nothing.
///
/// A value that cannot be read is an error with the variable's name and what was expected; the value itself is not
/// shown, since it may be a secret.
struct SettingsReader {
    static let filePath = ".env"

    private let config: ConfigReader
    /// The variables of the environment.
    let environment: [String: String]
    /// The names that the file sets.
    let fileNames: Set<String>
    /// Variables that are taken as if they were not set.
    var ignored: Set<String> = []

    init() async throws {
        let file: EnvironmentVariablesProvider
        do {
            file = try await EnvironmentVariablesProvider(
                environmentFilePath: FilePath(Self.filePath), allowMissing: true)
        } catch {
            throw SettingError(variable: ".env", expected: "lines of NAME=value (\(error))")
        }
        config = ConfigReader(providers: [EnvironmentVariablesProvider(), file])
        environment = ProcessInfo.processInfo.environment
        fileNames = Self.names(inFile: Self.filePath)
    }

    /// - Parameter variables: for tests, in place of the environment.
    init(variables: [String: String]) {
        config = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
        environment = variables
        fileNames = []
    }

    /// The value of a variable; nil when it is not set, or empty.
    func text(_ variable: String) -> String? {
        guard !ignored.contains(variable) else { return nil }
        let key = ConfigKey(variable.lowercased().split(separator: "_").map(String.init))
        return config.string(forKey: key, isSecret: true).map(Self.unquoted).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Without one pair of quotes around it, as a shell would read the line of a `.env` file.
    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, let first = text.first, first == text.last, first == "\"" || first == "'" else {
            return text
        }
        return String(text.dropFirst().dropLast())
    }

    func value<Value>(_ variable: String, expected: String, _ read: (String) -> Value?) throws -> Value? {
        guard let text = text(variable) else { return nil }
        guard let value = read(text) else { throw SettingError(variable: variable, expected: expected) }
        return value
    }

    func integer(_ variable: String, in range: ClosedRange<Int>) throws -> Int? {
        try value(variable, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ variable: String) throws -> Choice? {
        let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return try value(variable, expected: "one of \(choices)") { Choice(rawValue: $0.lowercased()) }
    }
}

/// A setting that cannot be used.
struct SettingError: Error, Equatable, CustomStringConvertible {
    let variable: String
    let expected: String

    var description: String { "\(variable): expected \(expected)" }
}
