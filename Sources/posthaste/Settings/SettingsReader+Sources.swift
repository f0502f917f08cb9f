import Foundation

/// Where the value of a setting came from.
enum SettingSource: Equatable {
    case environment
    case file(path: String)

    var text: String {
        switch self {
        case .environment: "environment"
        case .file(let path): path
        }
    }
}

extension SettingsReader {
    /// nil: it is not set.
    func source(of variable: String) -> SettingSource? {
        if environment[variable] != nil { return .environment }
        return fileNames.contains(variable) ? .file(path: Self.filePath) : nil
    }

    /// The names that a `.env` file sets.
    static func names(inFile path: String) -> Set<String> {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        return Set(
            text.split(whereSeparator: \.isNewline).compactMap { line in
                let line = line.drop { $0 == " " || $0 == "\t" }
                guard line.first != "#", let end = line.firstIndex(of: "=") else { return nil }
                return line[..<end].trimmingCharacters(in: .whitespaces)
            })
    }

    /// What is set and means nothing here: in the file any other name; of the environment, which is everybody's, what
    /// looks like a slip in one of ours.
    func unknownVariables() -> [(name: String, source: SettingSource)] {
        let others = fileNames.filter { Setting.named($0) == nil && !Self.neighbours.contains($0) }
        let slips = environment.keys.filter {
            Setting.named($0) == nil && !Self.neighbours.contains($0) && Setting.nearest(to: $0) != nil
        }
        return others.sorted().map { ($0, .file(path: Self.filePath)) }
            + slips.sorted().map { ($0, SettingSource.environment) }
    }

    /// Read by commands that are no process of an installation.
    private static let neighbours: Set<String> = ["POSTHASTE_API_KEY"]
}
