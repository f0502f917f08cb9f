import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// What is delivered to a worker that hears of it late.
@Suite struct LateDeliveryTests {
    /// The reply lies in the network while another worker takes the job over and runs it.
    @Test func aJobThatIsAnothersByTheTimeItArrivesIsNotBegun() async throws {
        let server = try await PrivateRedis.shared()
        let proxy = try await TCPProxy(to: server.port)
        var configuration = server.configuration
        configuration.endpoint = .tcp(host: "127.0.0.1", port: proxy.port)
        try await withBench { bench in
            try await withClient(configuration) { slow in
                let (late, quick) = (Runs(), Runs())
                let worker = bench.worker(.notes(late), redis: slow) { $0.lease = .seconds(1) }
                try await running(worker) {
                    try await eventually("it waits for jobs") { try await bench.isReading(worker) }
                    await proxy.stall([.fromServer])
                    try await bench.enqueue(1)
                    try await eventually("it was given the job") {
                        try await bench.pending().map(\.consumer) == [worker.consumer]
                    }
                    try await running(bench.worker(.notes(quick)) { $0.lease = .seconds(1) }) {
                        try await eventually("another has run it") { try await bench.isEmpty() }
                    }
                    #expect(quick[0].map(\.deliveries) == [2])
                    await proxy.resume()
                    let next = try await bench.enqueue(1, from: 1)[0]
                    try await eventually("it runs what comes next") {
                        try await bench.client.record(of: next)?.state.isSuccess ?? false
                    }
                }
                #expect(late.numbers == [1], "what it heard of late it has not run")
            }
        }
    }
}
