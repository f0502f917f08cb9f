import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

extension Response {
    /// The same answer, its body byte by byte. The head comes at once.
    func dripping(_ pause: Duration) -> Response {
        let body = body
        // An empty body with a length would be at its end with the head.
        let length = body.contentLength == 0 ? nil : body.contentLength
        var dripping = self
        dripping.body = ResponseBody(contentLength: length) { writer in
            try await body.write(DrippingWriter(writer: writer, pause: pause))
        }
        return dripping
    }
}

private struct DrippingWriter: ResponseBodyWriter {
    var writer: any ResponseBodyWriter
    let pause: Duration
    private var isDry = true

    init(writer: any ResponseBodyWriter, pause: Duration) {
        self.writer = writer
        self.pause = pause
    }

    @concurrent mutating func write(_ buffer: ByteBuffer) async throws {
        var buffer = buffer
        while let byte = buffer.readSlice(length: 1) {
            await wait()
            try await writer.write(byte)
            isDry = false
        }
    }

    @concurrent consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        if isDry { await wait() }
        try await writer.finish(trailingHeaders)
    }

    /// A stop of the simulator ends the wait, not the answer.
    @concurrent private func wait() async {
        let pause = pause
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
    }
}
