import Ingress
import ServiceLifecycle
import TestSupport
import Testing

/// What is in flight when the ingress is told to stop.
@Suite(.timeLimit(.minutes(5))) struct StopTests {
    @Test func whatHasBegunIsFinishedAndNothingElse() async throws {
        let intake = FakeIntake()
        try await withIngress(intake) { ingress in
            let (whole, sms) = (ConnectionTests.whole, SendRouteTests.sms)
            let idle = try await ingress.connect()
            try await idle.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("it was served") { idle.answers == 1 }
            let halfBody = try await ingress.connect()
            try await halfBody.send(String(whole.dropLast(10)))
            let halfHead = try await ingress.connect()
            try await halfHead.send(String(whole.prefix(20)))
            // The last to connect is served, so what the others sent before has arrived as well.
            try await ingress.expectService()

            await ingress.services.triggerGracefulShutdown()
            try await eventually("who waits for nothing is let go") { idle.hasEnded }
            #expect(!halfBody.hasEnded && !halfHead.hasEnded)
            try await halfBody.send(String(sms.suffix(10)))
            try await halfHead.send(String(whole.dropFirst(20)))
            for wire in [halfBody, halfHead] {
                try await eventually("what had begun is answered") { wire.hasEnded }
                #expect(wire.text.hasPrefix("HTTP/1.1 202 "), "\(wire.text)")
                #expect(wire.text.contains("connection: close"))
                await wire.close()
            }
            await #expect(throws: (any Error).self) { _ = try await ingress.connect() }
        }
        #expect(intake.jobs.count == 2)
    }

    @Test func aRequestThatDoesNotFinishDoesNotHoldTheEndUp() async throws {
        try await withIngress {
            $0.connections.drain = .milliseconds(300)
        } _: { ingress in
            let wire = try await ingress.connect()
            try await wire.send(String(ConnectionTests.whole.dropLast(10)))
            try await ingress.expectService()
            await ingress.services.triggerGracefulShutdown()
            try await eventually("it is cut off") { wire.hasEnded }
            #expect(wire.text.isEmpty)
        }
    }
}
