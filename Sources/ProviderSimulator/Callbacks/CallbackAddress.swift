import Foundation
import Hummingbird

/// `{"url":"http://…"}`; `{}` for nowhere.
struct CallbackAddress: Decodable {
    var url: String?

    func checkedURL() throws -> String? {
        guard url?.isWebURL ?? true else {
            throw HTTPError(.badRequest, message: "url: expected an http or https address.")
        }
        return url
    }
}

extension String {
    /// Whether it is an address that a provider would call.
    var isWebURL: Bool {
        guard let url = URL(string: self), let scheme = url.scheme?.lowercased() else { return false }
        return (scheme == "http" || scheme == "https") && url.host() != nil
    }
}
