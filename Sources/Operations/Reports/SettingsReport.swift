/// The settings of a process, for `posthaste config`; nothing in it is secret.
public struct SettingsReport: Encodable, Sendable {
    public struct Row: Encodable, Sendable, Equatable {
        public let name: String
        /// As it may be shown; nil: there is none, or it cannot be used.
        public let value: String?
        /// `environment`, the path of a file, or `default`.
        public let source: String
        public let isUsable: Bool

        enum CodingKeys: String, CodingKey {
            case name, value, source
            case isUsable = "usable"
        }

        public init(name: String, value: String?, source: String, isUsable: Bool) {
            self.name = name
            self.value = value
            self.source = source
            self.isUsable = isUsable
        }

        var isSet: Bool { source != "default" }
    }

    /// What would stop a start.
    public struct Problem: Encodable, Sendable, Equatable {
        public let variable: String
        public let expected: String

        public init(variable: String, expected: String) {
            self.variable = variable
            self.expected = expected
        }
    }

    /// A variable that means nothing.
    public struct Unknown: Encodable, Sendable, Equatable {
        public let name: String
        public let source: String
        /// What may have been meant.
        public let nearest: String?

        public init(name: String, source: String, nearest: String?) {
            self.name = name
            self.source = source
            self.nearest = nearest
        }
    }

    public let settings: [Row]
    public let problems: [Problem]
    public let unknown: [Unknown]

    public init(settings: [Row], problems: [Problem], unknown: [Unknown]) {
        self.settings = settings
        self.problems = problems
        self.unknown = unknown
    }

    /// - Parameter onlySet: without those that have their defaults.
    public func text(onlySet: Bool, _ palette: Palette = .plain) -> String {
        var table = TextTable(["SETTING", "SOURCE", "VALUE"])
        for row in settings where !onlySet || row.isSet || !row.isUsable {
            let value = row.isUsable ? row.value ?? "" : "cannot be used"
            table.add([
                .init(row.name, row.isSet ? .bold : .plain), .init(row.source, row.isSet ? .plain : .dim),
                .init(value, row.isUsable ? row.isSet ? .plain : .dim : .alarm),
            ])
        }
        var lines = table.lines(palette)
        lines += problems.map { palette.paint("\($0.variable): expected \($0.expected)".printable, .alarm) }
        lines += unknown.map { unknown in
            let meant = unknown.nearest.map { ": is \($0) meant?" } ?? ""
            return palette.paint("\(unknown.name) (\(unknown.source)) is no setting\(meant)".printable, .notice)
        }
        return lines.joined(separator: "\n")
    }
}
