import Foundation
import Ingress
import TestSupport
import Testing

/// Clients that are slow, silent or too many.
@Suite(.timeLimit(.minutes(5))) struct ConnectionTests {
    static let host = "Host: localhost\r\n"
    static let json = "POST /api/v1/messages/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    static let sms = SendRouteTests.sms
    static var whole: String { json + "Content-Length: \(sms.utf8.count)\r\n\r\n" + sms }

    @Test func aHeadThatDoesNotComeToItsEndIsAnsweredAndClosed() async throws {
        try await withIngress {
            $0.connections.headTimeout = .seconds(2)
        } _: { ingress in
            let words = try await ingress.lastWords(to: "GET /health HTTP/1.1\r\nHost: local")
            #expect(words.hasPrefix("HTTP/1.1 408 "))
            #expect(words.contains("application/problem+json"))
            #expect(words.contains("\"request_id\":\""))
        }
    }

    @Test func aConnectionThatSaysNothingIsClosedWithoutAWord() async throws {
        try await withIngress {
            $0.connections.headTimeout = .seconds(2)
        } _: { ingress in
            let words = try await ingress.lastWords(to: "")
            #expect(words.isEmpty)
        }
    }

    @Test func aConnectionWaitsForItsNextRequestForAWhile() async throws {
        try await withIngress {
            $0.connections.keepAlive = .seconds(8)
        } _: { ingress in
            let wire = try await ingress.connect()
            for number in 1...3 {
                try await wire.send("GET /health HTTP/1.1\r\n\(Self.host)\r\n")
                try await eventually("answer \(number)") { wire.answers == number }
            }
            try await eventually("it is closed at last") { wire.hasEnded }
            #expect(wire.answers == 3)
        }
    }

    @Test func aBodyThatComesTooSlowlyIsRefused() async throws {
        let intake = FakeIntake()
        try await withIngress(intake) {
            $0.connections.bodyTimeout = .seconds(2)
        } _: { ingress in
            let words = try await ingress.lastWords(to: Self.json + "Content-Length: 200\r\n\r\n{\"from\":")
            #expect(words.hasPrefix("HTTP/1.1 408 "))
            #expect(words.contains("Nothing was accepted"))
        }
        #expect(intake.jobs.isEmpty)
    }

    @Test func headsHaveTheirLimits() async throws {
        try await withIngress { ingress in
            let long = String(repeating: "x", count: 17 << 10)
            let many = (0..<101).map { "X-\($0): 1\r\n" }.joined()
            for fields in ["X-Long: \(long)\r\n", many] {
                let words = try await ingress.lastWords(to: "GET /health HTTP/1.1\r\n\(Self.host)\(fields)\r\n")
                #expect(words.hasPrefix("HTTP/1.1 431 "), "\(words)")
                #expect(words.contains("application/problem+json"))
            }
            let target = "/health?" + String(repeating: "x", count: 9 << 10)
            let words = try await ingress.lastWords(
                to: "GET \(target) HTTP/1.1\r\n\(Self.host)Connection: close\r\n\r\n")
            #expect(words.hasPrefix("HTTP/1.1 414 "), "\(words)")
        }
    }

    @Test func aNewConnectionTakesThePlaceOfOneThatOnlyWaits() async throws {
        try await withIngress {
            $0.connections.maximum = 8
        } _: { ingress in
            var loris: [Wire] = []
            for _ in 0..<40 {
                let wire = try await ingress.connect()
                try await wire.send("GET /health HTTP/1.1\r\n")
                loris.append(wire)
            }
            for _ in 0..<5 { try await ingress.expectService() }
            try await eventually("the longest waiting are gone") { loris.count { $0.hasEnded } >= 30 }
        }
    }

    @Test func whereAllAreAtWorkOneMoreIsTold() async throws {
        try await withIngress {
            $0.connections.maximum = 4
        } _: { ingress in
            var busy: [Wire] = []
            for _ in 0..<4 {
                let wire = try await ingress.connect()
                // Its head is here, and so it is at work.
                try await wire.send(Self.json + "Content-Length: 100\r\nExpect: 100-continue\r\n\r\n")
                try await eventually("its body is asked for") { wire.text.hasPrefix("HTTP/1.1 100 ") }
                busy.append(wire)
            }
            let words = try await ingress.lastWords(to: "")
            #expect(words.hasPrefix("HTTP/1.1 503 "))
            #expect(words.lowercased().contains("retry-after:"))
            await busy[0].close()
            // The kernel tells the server of it in its own time.
            try await eventually("there is room again") {
                let wire = try await ingress.connect()
                try? await wire.send("GET /health HTTP/1.1\r\n\(Self.host)Connection: close\r\n\r\n")
                try await eventually("an answer") { wire.text.contains("\r\n\r\n") || wire.hasEnded }
                // One that was refused must not take the place itself.
                await wire.close()
                return wire.text.hasPrefix("HTTP/1.1 200 ")
            }
            for wire in busy { await wire.close() }
        }
    }

    @Test func aClientThatReadsNothingIsCutOff() async throws {
        try await withIngress {
            $0.connections.writeTimeout = .milliseconds(300)
        } _: { ingress in
            let wire = try await ingress.connect()
            try await wire.stopReading()
            // Requests until the buffers of both sides are full of answers, and the server cannot get rid of more.
            let requests = String(repeating: "GET /health HTTP/1.1\r\n\(Self.host)\r\n", count: 500)
            await #expect(throws: (any Error).self) {
                for _ in 0..<1000 { try await wire.send(requests) }
            }
            try await ingress.expectService()
        }
    }
}
