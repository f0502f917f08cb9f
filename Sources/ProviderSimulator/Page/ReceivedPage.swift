import Foundation

/// The page as a value: everything it shows, and the HTML of it.
struct ReceivedPage {
    let counts: [Provider: ReceivedLog.Counts]
    let matching: Int
    let messages: [ReceivedMessage]
    let filter: ReceivedFilter
    /// 0: not at all.
    let refreshSeconds: Int

    var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        \(refreshSeconds > 0 ? "<meta http-equiv=\"refresh\" content=\"\(refreshSeconds)\">" : "")
        <title>Posthaste provider simulator</title>
        <style>\(Self.style)</style>
        </head>
        <body>
        <h1>Provider simulator</h1>
        \(countsTable)
        \(filterForm)
        <p>\(summary)</p>
        \(messagesTable)
        </body>
        </html>

        """
    }

    private var summary: String {
        if messages.isEmpty { return "Nothing received that matches." }
        return matching > messages.count ? "The newest \(messages.count) of \(matching)." : "\(matching) received."
    }

    private var countsTable: String {
        let rows = Provider.allCases.map { provider in
            let counts = counts[provider] ?? ReceivedLog.Counts()
            let cells = [counts.requests, counts.accepted, counts.refused, counts.failed, counts.unanswered]
            return "<tr><th scope=\"row\">\(provider.rawValue)</th>"
                + cells.map { "<td class=\"number\">\($0)</td>" }.joined() + "</tr>"
        }
        return """
            <table class="counts">
            <thead><tr><th>provider</th><th>requests</th><th>accepted</th><th>refused</th>
            <th title="a simulated fault answered; the provider does not have the message">failed</th>
            <th title="no answer was given; the provider has the message">unanswered</th></tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody>
            </table>
            """
    }

    private var filterForm: String {
        let providers = options(Provider.allCases.map(\.rawValue), chosen: filter.provider?.rawValue)
        let outcomes = options(["accepted", "refused", "failed"], chosen: filter.outcome?.rawValue)
        return """
            <form method="get" action="/">
            <label>provider <select name="provider">\(providers)</select></label>
            <label>outcome <select name="outcome">\(outcomes)</select></label>
            <label>to <input name="to" value="\(escape(filter.to ?? ""))"></label>
            <label>contains <input name="contains" value="\(escape(filter.contains ?? ""))"></label>
            <label>refresh (s) <input name="refresh" size="3" value="\(refreshSeconds)"></label>
            <button>Show</button>
            </form>
            """
    }

    private func options(_ values: [String], chosen: String?) -> String {
        let all = "<option value=\"\">all</option>"
        return all + values.map { "<option\($0 == chosen ? " selected" : "")>\($0)</option>" }.joined()
    }

    private var messagesTable: String {
        guard !messages.isEmpty else { return "" }
        return """
            <table>
            <thead><tr><th>#</th><th>time (UTC)</th><th>provider</th><th>from</th><th>to</th><th>message</th>
            <th>outcome</th><th>id</th></tr></thead>
            <tbody>\(messages.map(row).joined(separator: "\n"))</tbody>
            </table>
            """
    }

    private func row(_ message: ReceivedMessage) -> String {
        let time = message.at.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        let clock = String(time.dropFirst(11).dropLast())
        return """
            <tr><td class="number">\(message.sequence)</td><td title="\(time)">\(clock)</td>
            <td>\(message.provider.rawValue)</td><td>\(escape(message.from ?? ""))</td><td>\(escape(message.to))</td>
            <td>\(text(message))</td><td class="\(message.outcome.rawValue)">\(outcome(message))</td>
            <td class="id">\(escape(message.id ?? ""))</td></tr>
            """
    }

    private func text(_ message: ReceivedMessage) -> String {
        var parts: [String] = []
        if let subject = message.subject { parts.append("<b>\(escape(subject))</b>") }
        let body = message.body.isEmpty ? message.html ?? "" : message.body
        parts.append("<span class=\"body\">\(escape(String(body.prefix(500))))</span>")
        parts += message.media.map { "<span class=\"media\">\(escape($0))</span>" }
        return parts.joined(separator: "<br>")
    }

    private func outcome(_ message: ReceivedMessage) -> String {
        let status = message.status.map(String.init) ?? "no answer"
        var parts = ["\(message.outcome.rawValue) · \(status)"]
        if let fault = message.fault { parts.append("fault: \(escape(fault))") }
        if let error = message.error { parts.append(escape(error)) }
        switch message.verified {
        case true?: parts.append("signature verified")
        case false?: parts.append("signature: \(escape(message.verificationError ?? "does not hold"))")
        case nil: break
        }
        return parts.joined(separator: "<br>")
    }

    private func escape(_ text: String) -> String {
        HTML.escape(text)
    }

    private static let style = """
        body{font:15px/1.45 system-ui,sans-serif;margin:1.5rem;color:#1c2126;background:#fff}
        h1{font-size:1.3rem}table{border-collapse:collapse;margin:1rem 0}
        th,td{padding:.3rem .7rem;text-align:left;vertical-align:top;border-bottom:1px solid #dde1e5}
        thead th{font-weight:600;background:#f3f5f7}.number{text-align:right;font-variant-numeric:tabular-nums}
        .body{white-space:pre-wrap;overflow-wrap:anywhere}.media,.id{font:13px monospace;overflow-wrap:anywhere}
        .accepted{color:#146c2e}.refused{color:#8a5300}.failed{color:#b3261e}
        form label{margin-right:1rem}
        """
}

enum HTML {
    /// For text between tags and in quoted attributes.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
