import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Synchronization

/// What the providers do after they answered: it owns the tasks that tell what became of a message, and makes their
/// POSTs. At its shutdown all of them end.
final class CallbackService: Service {
    private struct State {
        var client: HTTPClient?
        var isStopped = false
        var running = 0
        var lost = 0
        var sent: RecentRing<SentCallback>
    }

    /// Ends a callback after the shutdown.
    private struct Stopped: Error {}

    typealias Work = @Sendable () async throws -> Void

    private static let longestAnswer = 1 << 16
    private static let firstPause = Duration.milliseconds(250)

    private let settings: CallbackSettings
    private let works: AsyncStream<Work>
    /// Unbounded by itself; `settings.running` bounds it.
    private let incoming: AsyncStream<Work>.Continuation
    private let state: Mutex<State>

    init(_ settings: CallbackSettings) {
        self.settings = settings
        (works, incoming) = AsyncStream.makeStream()
        state = Mutex(State(sent: RecentRing(capacity: settings.keepLast)))
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await work in self.works {
                    group.addTask {
                        // The only error is the shutdown's.
                        try? await work()
                        self.state.withLock { $0.running -= 1 }
                    }
                }
                group.cancelAll()
            }
        }
        let client = state.withLock { state in
            state.isStopped = true
            defer { state.client = nil }
            return state.client
        }
        try await client?.shutdown()
    }

    /// Work that goes on after the request that it came of. Too much of it is lost, and counted.
    ///
    /// - Returns: whether it is done.
    @discardableResult
    func start(_ work: @escaping Work) -> Bool {
        let isBegun = state.withLock { state in
            guard state.running < settings.running, !state.isStopped else {
                state.lost += 1
                return false
            }
            state.running += 1
            return true
        }
        if isBegun { incoming.yield(work) }
        return isBegun
    }

    /// Makes a POST, again a few times unless the answer is 2xx, and records what came of it.
    ///
    /// - Throws: if the simulator stops.
    @discardableResult
    func post(_ callback: Callback, attempts: Int? = nil) async throws -> SentCallback {
        let allowed = attempts ?? settings.attempts
        var pause = Self.firstPause
        var attempt = 0
        while true {
            attempt += 1
            let result = await exchange(callback)
            try Task.checkCancellation()
            let sent = SentCallback(callback, attempts: attempt, result: result)
            if sent.isTaken || attempt >= allowed {
                state.withLock { _ = $0.sent.append(sent) }
                return sent
            }
            try await Task.sleep(for: pause)
            pause *= 2
        }
    }

    private func exchange(_ callback: Callback) async -> Result<(status: Int, body: String), any Error> {
        do {
            var request = HTTPClientRequest(url: callback.url)
            request.method = .POST
            request.headers = HTTPHeaders(callback.headers.map { ($0.key, $0.value) })
            request.headers.add(name: "Content-Type", value: callback.contentType)
            request.body = .bytes(callback.body)
            let response = try await client().execute(request, timeout: TimeAmount(settings.timeout))
            let body = try await response.body.collect(upTo: Self.longestAnswer)
            return .success((Int(response.status.code), String(buffer: body)))
        } catch {
            return .failure(error)
        }
    }

    private func client() throws -> HTTPClient {
        try state.withLock { state throws(Stopped) in
            guard !state.isStopped else { throw Stopped() }
            if let client = state.client { return client }
            var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
            // A refused connection is an answer, too: it counts as an attempt at once.
            configuration.connectionPool.retryConnectionEstablishment = false
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
            // On one event loop: on two, a server that answers early and closes can end the process.
            let client = HTTPClient(
                eventLoopGroup: HTTPClient.defaultEventLoopGroup.next(), configuration: configuration)
            state.client = client
            return client
        }
    }
}

extension CallbackService {
    /// Work that was begun and has not ended.
    var running: Int { state.withLock(\.running) }

    /// Work that was too much.
    var lost: Int { state.withLock(\.lost) }

    /// The last callbacks, newest first.
    var sent: [SentCallback] {
        let sent = state.withLock(\.sent)
        return Array(sent.newestFirst)
    }

    func forget() {
        state.withLock { $0.sent.removeAll() }
    }
}

extension SentCallback {
    fileprivate init(_ callback: Callback, attempts: Int, result: Result<(status: Int, body: String), any Error>) {
        provider = callback.provider
        at = Date()
        url = callback.url
        headers = Dictionary(uniqueKeysWithValues: callback.headers.map { ($0.key.lowercased(), $0.value) })
        body = String(buffer: callback.body)
        self.attempts = attempts
        switch result {
        case .success(let answer):
            status = answer.status
            self.answer = answer.body
            error = nil
        case .failure(let failure):
            status = nil
            answer = nil
            error = "\(failure)"
        }
    }
}
