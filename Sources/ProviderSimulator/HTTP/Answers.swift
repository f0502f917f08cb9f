import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// A JSON answer from text that is already JSON.
    static func json(_ status: HTTPResponse.Status, _ body: ByteBuffer) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: body))
    }
}

extension HTTPFields {
    /// Sets a field by a name that no constant stands for. A name that is no field name sets nothing.
    mutating func set(_ name: String, _ value: some CustomStringConvertible) {
        if let name = HTTPField.Name(name) { self[name] = value.description }
    }

    func value(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { self[$0] }
    }
}
