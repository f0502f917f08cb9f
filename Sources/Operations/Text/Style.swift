/// How a piece of text stands out.
public enum Style: Sendable {
    case plain, bold, dim
    /// Something to know of, something to look after.
    case notice, alarm
}

/// Colours, where a terminal shows them.
public struct Palette: Sendable {
    private let hasColours: Bool

    public init(hasColours: Bool) { self.hasColours = hasColours }

    public static let plain = Palette(hasColours: false)

    /// Select Graphic Rendition (ECMA-48), in colours that are read on black and on white.
    public func paint(_ text: String, _ style: Style) -> String {
        guard hasColours, !text.isEmpty else { return text }
        let code =
            switch style {
            case .plain: ""
            case .bold: "1"
            case .dim: "2"
            case .notice: "33"
            case .alarm: "31"
            }
        return code.isEmpty ? text : "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}

/// One line, no longer than there is room for.
struct Line {
    private let palette: Palette
    private var room: Int
    private(set) var text = ""

    init(_ palette: Palette, width: Int?) {
        self.palette = palette
        room = width ?? .max
    }

    mutating func add(_ piece: String, _ style: Style = .plain) {
        let shown = piece.prefix(room)
        room -= shown.count
        text += palette.paint(String(shown), style)
    }
}

extension String {
    /// Without what would move a terminal's cursor or change its colours: errors come from afar.
    var printable: String {
        guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
        var scalars = UnicodeScalarView()
        for scalar in unicodeScalars {
            scalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return String(scalars)
    }
}
