import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// Hummingbird's HTTP/1.1 channel with a ``ConnectionHandler`` in it.
struct WatchedChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    private let http: HTTP1Channel
    private let watches: ConnectionWatches
    private let door: Door?

    init(_ responder: @escaping HTTPChannelHandler.Responder, watches: ConnectionWatches, door: Door?) {
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: ConnectionLimits.head,
            maxHeaderListSize: ConnectionLimits.head + ConnectionLimits.uri,
            maxHeaderFieldCount: ConnectionLimits.fields)
        http = HTTP1Channel(responder: responder, configuration: .init(httpDecoderConfiguration: decoder))
        self.watches = watches
        self.door = door
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let watch = watches.watch(on: channel.eventLoop)
        return watches.admit(channel, to: watch).assumeIsolated().flatMap { admission in
            let handler = ConnectionHandler(limits: watches.limits, watch: watch, door: door, admission: admission)
            return http.setup(channel: channel, logger: logger).assumeIsolated().flatMapThrowing { value in
                let pipeline = channel.pipeline.syncOperations
                let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
                try pipeline.addHandler(handler, position: .after(decoder.handler))
                return value
            }.nonisolated()
        }.nonisolated()
    }

    func handle(value: Value, logger: Logger) async { await http.handle(value: value, logger: logger) }
}
