import Foundation

/// What the repository has for those who watch: dashboard, rules, pages.
enum Deployment {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private struct Dashboard: Decodable {
        struct Panel: Decodable {
            struct Target: Decodable {
                let expr: String
                let legendFormat: String
            }
            let title: String
            let targets: [Target]?
        }
        let panels: [Panel]
    }

    struct Query {
        let title: String
        let text: String
        let legend: String
    }

    /// The queries of the dashboard.
    static func dashboard() throws -> [Query] {
        let dashboard = try JSONDecoder().decode(
            Dashboard.self, from: Data(try text("deploy/grafana/posthaste.json").utf8))
        return dashboard.panels.flatMap { panel in
            (panel.targets ?? []).map { Query(title: panel.title, text: $0.expr, legend: $0.legendFormat) }
        }
    }

    /// The variables of the dashboard as somebody may have set them.
    static func filled(_ query: String) -> String {
        query.replacing("$__rate_interval", with: "1m").replacing("$queue", with: ".*")
    }
}
