import Delivery
import Foundation
import Logging
import NIOCore
import ServiceLifecycle
import TestSupport
import Testing

@testable import Ingress

@Suite(.timeLimit(.minutes(5))) struct AccessLogTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Runs a log into a pipe.
    ///
    /// - Returns: all that it wrote.
    private static func lines(_ body: @escaping @Sendable (AccessLog) async throws -> Void) async throws -> [JSON] {
        let pipe = Pipe()
        let log = AccessLog(to: pipe.fileHandleForWriting.fileDescriptor, logger: logger)
        let services = ServiceGroup(services: [log], logger: logger)
        async let data = everything(from: pipe)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            try await body(log)
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
        try pipe.fileHandleForWriting.close()
        return try await data.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(JSON.self, from: $0) }
    }

    private static func everything(from pipe: Pipe) async throws -> Data {
        try await withCheckedThrowingContinuation { done in
            DispatchQueue.global().async {
                done.resume(with: Result { try pipe.fileHandleForReading.readToEnd() ?? Data() })
            }
        }
    }

    @Test func aLineSaysWhatARequestWas() async throws {
        let lines = try await Self.lines { log in
            log.write(
                AccessLine(
                    id: "a-1", method: "POST", route: "/api/v1/messages/{id}", status: 202, nanoseconds: 12_345_678,
                    bytesIn: 10, bytesOut: 1234, caller: "a \"name\"", client: IPAddress(parsing: "203.0.113.9"),
                    trace: "4bf92f3577b34da6a3ce929d0e0e4736"))
            log.write(AccessLine(id: "a-2", status: 408))
        }
        guard case .object(var first) = lines[0], case .object(var second) = lines[1] else {
            Issue.record("\(lines)")
            return
        }
        for time in [first.removeValue(forKey: "time"), second.removeValue(forKey: "time")] {
            let moment = try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(try #require(time?.string))
            #expect(abs(moment.timeIntervalSinceNow) < 60)
        }
        #expect(
            first == [
                "id": "a-1", "method": "POST", "route": "/api/v1/messages/{id}", "status": 202, "ms": .number(12.345),
                "in": 10, "out": 1234, "caller": "a \"name\"", "client": "203.0.113.9",
                "trace": "4bf92f3577b34da6a3ce929d0e0e4736",
            ])
        #expect(second == ["id": "a-2", "status": 408, "ms": 0, "in": 0, "out": 0])
    }

    @Test func allLinesOfABusyTimeAreInOrder() async throws {
        let lines = try await Self.lines { log in
            for number in 0..<2000 { log.write(AccessLine(id: "\(number)", status: 200)) }
        }
        let ids = lines.map { line -> String? in
            if case .object(let members) = line { members["id"]?.string } else { nil }
        }
        #expect(ids == (0..<2000).map { "\($0)" })
    }

    @Test func aReaderThatIsStuckHoldsNobodyUp() async throws {
        let pipe = Pipe()
        let log = AccessLog(to: pipe.fileHandleForWriting.fileDescriptor, logger: Self.logger)
        let services = ServiceGroup(services: [log], logger: Self.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            // Far more than the pipe and the memory hold.
            for number in 0..<50_000 { log.write(AccessLine(id: "request \(number)", status: 200)) }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }

    @Test func aRequestIsALineWithoutItsAddresses() async throws {
        let pipe = Pipe()
        let log = AccessLog(to: pipe.fileHandleForWriting.fileDescriptor, logger: Self.logger)
        let services = ServiceGroup(services: [log], logger: Self.logger)
        var client = Client()
        client.accessLog = log
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            _ = try await client.send(SendRouteTests.sms)
            _ = try await client.get("/api/v1/suppressions/phone/+15551234567?phone=+15551234567")
            _ = try await client.get("/nothing/+15551234567")
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: try #require(try pipe.fileHandleForReading.readToEnd()), as: UTF8.self)
        #expect(!text.contains("5551234567"))
        #expect(text.contains(#""method":"POST","route":"/api/v1/messages/send","status":202"#))
        #expect(text.contains("\"in\":\(SendRouteTests.sms.utf8.count),"))
        #expect(text.contains(#""route":"/api/v1/suppressions/{kind}/{address}","status":404"#))
        #expect(text.contains(#""method":"GET","status":404"#))
    }
}
