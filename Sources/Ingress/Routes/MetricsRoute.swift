import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /metrics`: what this process has counted, for Prometheus.
struct MetricsRoute: Sendable {
    let text: @Sendable () async -> String

    func add(to routes: Routes) {
        routes.on(.get, "/metrics", for: .operate) { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: await text())))
        }
    }
}
