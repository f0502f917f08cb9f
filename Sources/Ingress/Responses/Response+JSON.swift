import HTTPTypes
import Hummingbird
import Messaging

extension Response {
    /// An answer whose body is what the writer has written.
    init(status: HTTPResponse.Status, json: JSONWriter, headers: HTTPFields = HTTPFields()) {
        var headers = headers
        headers[.contentType] = "application/json"
        self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: json.buffer))
    }
}
