import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// What is delivered to a worker that hears of it late.
@Suite struct LateDeliveryTests {
    /// The reply lies in the network while another worker takes the job over and runs it.
    @Test func aJobThatIsAnothersByTheTimeItArrivesIsNotBegun() async throws {
        let (proxy, configuration) = try await PrivateRedis.shared().proxied()
        try await withBench { bench in
            try await withClient(configuration) { slow in
                let (late, quick) = (Runs(), Runs())
                let worker = bench.worker(.notes(late), redis: slow) { $0.lease = .seconds(1) }
                try await running(worker) {
                    let job = try await catchJob(of: worker, in: bench, proxy)
                    try await running(bench.worker(.notes(quick)) { $0.lease = .seconds(1) }) {
                        try await eventually("another has run it") { try await bench.isEmpty() }
                    }
                    #expect(quick[job].map(\.deliveries) == [2])
                    await proxy.resume()
                    let next = try await bench.enqueue(1, from: job + 1)[0]
                    try await eventually("it runs what comes next") {
                        try await bench.client.record(of: next)?.state.isSuccess ?? false
                    }
                    #expect(late[job].isEmpty, "what it heard of late it has not run")
                }
            }
        }
    }

    /// Enqueues jobs until one was delivered whose reply is held in the network; those before came between two reads.
    ///
    /// - Returns: its number.
    private func catchJob(of worker: Worker, in bench: Bench, _ proxy: TCPProxy) async throws -> Int {
        var number = 0
        while true {
            await proxy.resume()
            try await eventually("it waits for jobs") {
                let isEmpty = try await bench.isEmpty()
                return try await bench.isReading(worker) && isEmpty
            }
            await proxy.stall([.fromServer])
            _ = try await bench.enqueue(1, from: number)
            if try await bench.pending().map(\.consumer) == [worker.consumer] { return number }
            number += 1
        }
    }
}
