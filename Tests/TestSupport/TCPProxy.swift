import NIOCore
import NIOPosix
public import Redis

/// A network between a client and a server that can be made to fail: it listens on a port of the loopback interface and
/// passes bytes on to the server's.
///
/// What it holds back while it is stalled stays in memory.
public final class TCPProxy: Sendable {
    public enum Direction: Sendable, CaseIterable { case toServer, fromServer }

    /// Where clients connect.
    public let port: Int
    private let loop: any EventLoop
    private let links: NIOLoopBound<Links>

    /// - Parameter server: a port of the loopback interface.
    public init(to server: Int) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        self.loop = loop
        let (links, port) = try await loop.flatSubmit {
            let links = Links(server: server, loop: loop)
            let bound = NIOLoopBound(links, eventLoop: loop)
            return links.listen(on: 0).map { (bound, $0) }
        }.get()
        (self.links, self.port) = (links, port)
    }

    deinit {
        loop.execute { [links] in links.value.end() }
    }

    /// Closes all connections, with whatever was held back. New ones are taken.
    public func cut() async { await perform { $0.cut() } }

    /// Lets no bytes through, in one direction or both; connections stand, and new ones are taken.
    public func stall(_ directions: Set<Direction> = [.toServer, .fromServer]) async {
        await perform { $0.stalled = directions }
    }

    /// From now on, a connection over which a client sends this passes nothing more of what it sends. Others are not
    /// touched.
    public func swallow(after text: String) async { await perform { $0.swallowed = Array(text.utf8) } }

    /// Lets all bytes through again: first what was held back, even if who sent it has gone.
    public func resume() async { await perform { $0.resume() } }

    /// Takes no new connections; those that there are stand.
    public func refuse() async { await perform { $0.refuse() } }

    /// Takes new connections again.
    public func accept() async throws {
        _ = try await loop.flatSubmit { [links, port] in links.value.listen(on: port) }.get()
    }

    private func perform(_ change: @escaping @Sendable (Links) -> Void) async {
        try? await loop.submit { [links] in change(links.value) }.get()
    }
}

extension PrivateRedis {
    /// A proxy to the server, and how a client connects by way of it.
    public func proxied() async throws -> (proxy: TCPProxy, configuration: RedisConfiguration) {
        let proxy = try await TCPProxy(to: port)
        var proxied = configuration
        proxied.endpoint = .tcp(host: "127.0.0.1", port: proxy.port)
        return (proxy, proxied)
    }
}

/// The connections of a proxy, all on one event loop.
private final class Links {
    private let server: Int
    private let loop: any EventLoop
    private var listener: (any Channel)?
    private var pumps: [ObjectIdentifier: Pump] = [:]
    var stalled: Set<TCPProxy.Direction> = []
    /// nil: nothing is swallowed.
    var swallowed: [UInt8]?

    init(server: Int, loop: any EventLoop) {
        self.server = server
        self.loop = loop
    }

    /// - Returns: the port.
    func listen(on port: Int) -> EventLoopFuture<Int> {
        let links = NIOLoopBound(self, eventLoop: loop)
        return ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { links.value.connect($0) }
            .bind(host: "127.0.0.1", port: port)
            .assumeIsolated()
            .map { listener in
                self.listener = listener
                return listener.localAddress?.port ?? 0
            }
            .nonisolated()
    }

    private func connect(_ client: any Channel) -> EventLoopFuture<Void> {
        let links = NIOLoopBound(self, eventLoop: loop)
        return client.eventLoop.makeCompletedFuture {
            let toServer = Pump(.toServer, links: self)
            try client.pipeline.syncOperations.addHandler(toServer)
            let bound = NIOLoopBound(toServer, eventLoop: loop)
            ClientBootstrap(group: loop)
                .channelInitializer { server in
                    server.eventLoop.makeCompletedFuture {
                        let fromServer = Pump(.fromServer, links: links.value)
                        fromServer.peer = client
                        try server.pipeline.syncOperations.addHandler(fromServer)
                    }
                }
                .connect(host: "127.0.0.1", port: server)
                .assumeIsolated()
                .whenComplete { result in
                    switch result {
                    case .success(let server):
                        bound.value.peer = server
                        bound.value.release()
                    case .failure: client.close(promise: nil)
                    }
                }
        }
    }

    func add(_ pump: Pump) { pumps[ObjectIdentifier(pump)] = pump }

    func remove(_ pump: Pump) { pumps[ObjectIdentifier(pump)] = nil }

    func resume() {
        stalled = []
        for pump in pumps.values { pump.release() }
    }

    func cut() {
        for pump in pumps.values { pump.cut() }
    }

    func refuse() {
        listener?.close(promise: nil)
        listener = nil
    }

    func end() {
        refuse()
        cut()
    }
}

/// Reads one side of a connection and writes what it reads to the other, its peer, unless its direction is stalled.
private final class Pump: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let direction: TCPProxy.Direction
    private let links: Links
    private var channel: (any Channel)?
    private var held = ByteBuffer()
    private var hasEnded = false
    /// What it reads is swallowed.
    private var isMute = false
    var peer: (any Channel)?

    init(_ direction: TCPProxy.Direction, links: Links) {
        self.direction = direction
        self.links = links
    }

    func handlerAdded(context: ChannelHandlerContext) {
        channel = context.channel
        links.add(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if direction == .toServer, let word = links.swallowed {
            isMute = isMute || bytes.readableBytesView.firstRange(of: word) != nil
        }
        guard !isMute else { return }
        held.writeBuffer(&bytes)
        release()
    }

    func channelInactive(context: ChannelHandlerContext) {
        hasEnded = true
        release()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Passes on what is held, and the end when it has come.
    func release() {
        guard !links.stalled.contains(direction), let peer else { return }
        if held.readableBytes > 0 { peer.writeAndFlush(held, promise: nil) }
        held = ByteBuffer()
        guard hasEnded else { return }
        peer.close(promise: nil)
        links.remove(self)
    }

    func cut() {
        held = ByteBuffer()
        channel?.close(promise: nil)
        peer?.close(promise: nil)
        links.remove(self)
    }
}
