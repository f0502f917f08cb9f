import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import Delivery

/// A process that stood still (a stopped virtual machine, SIGSTOP) for longer than a request's time: by then another
/// worker may have asked whether it was made.
@Suite(.timeLimit(.minutes(5))) struct StoodStillTests {
    @Test func noBodyIsWrittenAfterTheTime() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = HTTPClient(eventLoopGroupProvider: .shared(group))
        try await TestServer.with({ _ in .answer(.ok) }) { server in
            let request = try HTTPClient.Request(url: server.base, method: .POST)
            let body = ByteBuffer(string: "{}")
            // From now on there is a connection.
            _ = await client.exchange(request, body: body, timeout: .seconds(30))
            let standing = DispatchSemaphore(value: 0)
            group.next().execute { standing.wait() }
            async let exchange = client.exchange(request, body: body, timeout: .milliseconds(100))
            try await Task.sleep(for: .milliseconds(300))  // allowed: for as long as the process stands still
            standing.signal()
            guard case .failed(let failure) = await exchange else {
                Issue.record("sent after its time")
                return
            }
            #expect(!failure.requestMayHaveArrived)
            #expect(server.received.count == 1)
        }
        try await client.shutdown()
        try await group.shutdownGracefully()
    }
}
