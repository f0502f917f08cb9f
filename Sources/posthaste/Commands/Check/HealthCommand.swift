import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Operations

struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask the ingress and the workers of this machine how they do.",
        discussion: """
            For health checks of containers and services. Asks where the settings say that they listen (API_HOST and \
            API_PORT; WORKER_HOST and WORKER_PORT, all ports of the range), and prints a line for each process.

            Exit codes: 0 all that answer are healthy, and each kind asked for answers; 1 not so; 64 wrong usage or \
            settings.
            """)

    enum Kind: String, CaseIterable, ExpressibleByArgument { case ingress, worker }

    @Argument(help: "ingress or worker; without it both.") var kind: Kind?
    @Option(help: "The port, in place of the settings'.") var port: Int?
    @Flag(help: "They are to be ready, too: able to work now.") var ready = false

    func validate() throws {
        if let port, !(1...65535).contains(port) { throw ValidationError("--port: a number from 1 to 65535") }
        if port != nil, kind == nil { throw ValidationError("--port: say whose, ingress or worker") }
    }

    func run() async throws {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(2)
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(configuration: configuration)
        let isGood: Bool
        do {
            let settings = try await Settings.load()
            let places = try (kind.map { [$0] } ?? Kind.allCases).map { try place(of: $0, settings) }
            isGood = await ask(places, http)
        } catch let error as SettingError {
            try? await http.shutdown()
            throw Operator.misused("\(error)")
        }
        try? await http.shutdown()
        if !isGood { throw ExitCode(1) }
    }

    /// Where processes of one kind may be.
    private struct Place {
        let kind: Kind
        let host: String
        let ports: ClosedRange<Int>
    }

    private func place(of kind: Kind, _ settings: Settings) throws -> Place {
        let place: Place
        switch kind {
        case .ingress:
            let address = try settings.ingressAddress()
            place = Place(kind: kind, host: address.host, ports: address.port...address.port)
        case .worker:
            guard let address = try settings.status() else {
                throw SettingError(variable: "WORKER_PORT", expected: "a port, to ask a worker there, and not off")
            }
            place = Place(kind: kind, host: address.host, ports: address.ports)
        }
        return Place(kind: kind, host: Self.reachable(place.host), ports: port.map { $0...$0 } ?? place.ports)
    }

    /// Who listens on all addresses is asked on this machine's own.
    private static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0", "": "127.0.0.1"
        case "::", "[::]": "[::1]"
        default: host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        }
    }

    private func ask(_ places: [Place], _ http: HTTPClient) async -> Bool {
        var isGood = true
        for place in places {
            let found = await ask(place, http)
            for process in found { print(process.line) }
            if found.isEmpty {
                let ports = place.ports.count == 1 ? "" : "-\(place.ports.upperBound)"
                print("\(place.kind.rawValue) \(place.host):\(place.ports.lowerBound)\(ports) nobody answers")
            }
            isGood = isGood && !found.isEmpty && found.allSatisfy { $0.isGood(beReady: ready) }
        }
        return isGood
    }

    /// - Returns: those that listen, by their ports.
    private func ask(_ place: Place, _ http: HTTPClient) async -> [ProcessHealth] {
        await withTaskGroup(of: (Int, ProcessHealth)?.self) { group in
            for port in place.ports {
                group.addTask {
                    let address = "\(place.host):\(port)"
                    guard let health = await http.status("http://\(address)/health", isAlone: place.ports.count == 1)
                    else { return nil }
                    let readiness = await http.status("http://\(address)/ready", isAlone: true)
                    return (
                        port,
                        ProcessHealth(
                            place.kind.rawValue, address: address, health: health,
                            readiness: readiness ?? nil)
                    )
                }
            }
            var found: [(port: Int, process: ProcessHealth)] = []
            for await case let process? in group { found.append(process) }
            return found.sorted { $0.port < $1.port }.map(\.process)
        }
    }
}

extension HTTPClient {
    /// - Parameter isAlone: whether nobody else is to be found there: of a range other programs may have some.
    /// - Returns: nil where nobody of ours listens; without an answer where whoever does gives none that can be understood.
    fileprivate func status(_ url: String, isAlone: Bool) async -> StatusAnswer?? {
        do {
            let response = try await execute(HTTPClientRequest(url: url), timeout: .seconds(5))
            let body = try await response.body.collect(upTo: 1 << 20)
            let answer = StatusAnswer(code: response.status.code, body: Data(body.readableBytesView))
            return answer == nil && !isAlone ? nil : .some(answer)
        } catch let error where error is NIOConnectionError || (error as? IOError)?.errnoCode == ECONNREFUSED {
            return nil
        } catch {
            return .some(nil)
        }
    }
}
