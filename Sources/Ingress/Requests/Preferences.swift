import HTTPTypes
import Hummingbird

/// What a client would like, by its `Prefer` header (RFC 7240). What is not understood is passed over, as the RFC says.
struct Preferences: Sendable, Equatable {
    /// How many seconds it would wait for the outcome (`wait=10`).
    var wait: Int?
    /// Whether it wants to be told of what went well, too (`return=representation`).
    var wantsAll = false

    init(_ request: Request) {
        for value in request.headers[values: .prefer] {
            for preference in value.split(whereSeparator: { $0 == "," || $0 == ";" }) {
                let parts = preference.lowercased().split(separator: "=", maxSplits: 1).map {
                    $0.filter { $0 != " " && $0 != "\"" && $0 != "\t" }
                }
                switch (parts.first, parts.last) {
                case ("wait", let seconds?): wait = wait ?? Int(seconds).flatMap { $0 >= 0 ? $0 : nil }
                case ("return", "representation"): wantsAll = true
                default: continue
                }
            }
        }
    }
}
