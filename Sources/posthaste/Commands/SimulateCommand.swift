import ArgumentParser
import Hummingbird
import Logging
import Operations
import ProviderSimulator
import ServiceLifecycle
import UnixSignals

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Stand in for Twilio, Vonage, SendGrid and webhook endpoints.",
        discussion: """
            Point the providers' base URLs here, and send webhooks to /webhooks/<name>. What it received is at / as a \
            page and at /_simulator/received as JSON; latency, faults and callbacks are set under /_simulator.
            """)

    @Option(help: "Address to listen on.") var host = "127.0.0.1"
    @Option(help: "Port to listen on.") var port = 9900
    @Option(help: "Milliseconds before each answer.") var latency: Int?
    @Option(help: "A whsec_ secret that webhooks must be signed with; may be repeated.") var webhookSecret: [String] =
        []
    @Option(help: "What every request meets, as in [simulate:…], such as callbacks=duplicate; may be repeated.")
    var fault: [String] = []
    @Option(help: "Milliseconds until a message is delivered.") var deliversAfter: Int?
    @Option(help: "Milliseconds until Twilio's list shows a message.") var listsAfter: Int?
    @Option(help: "The auth token that signs Twilio's callbacks.") var twilioToken: String?
    @Option(help: "Where SendGrid's events go.") var sendgridEvents: String?
    @Option(help: "The private key that signs SendGrid's events, base64 of its DER; without it, a new one.")
    var sendgridEventKey: String?

    func run() async throws {
        let simulator = Simulator(settings: try settings())
        for fault in fault {
            do { try simulator.add(fault: fault) } catch { throw ValidationError("--fault: \(error)") }
        }
        let logger = Logger(label: "posthaste.simulator") { LineLogHandler(label: $0, format: .text) }
        let application = simulator.application(host: host, port: port, logger: logger)
        var group = ServiceGroupConfiguration(
            services: [application], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        // Workers keep their connections; they do not keep it.
        group.maximumGracefulShutdownDuration = .seconds(3)
        try await ServiceGroup(configuration: group).run()
    }

    private func settings() throws -> SimulatorSettings {
        var settings = SimulatorSettings()
        settings.webhookSecrets = try webhookSecret.map { text in
            guard let secret = WebhookSecret(text) else {
                throw ValidationError("--webhook-secret: expected whsec_ and base64")
            }
            return secret
        }
        if let latency {
            for provider in Provider.allCases { settings.latency[provider] = .fixed(.milliseconds(latency)) }
        }
        if let deliversAfter { settings.deliversAfter = .milliseconds(deliversAfter) }
        if let listsAfter { settings.listsAfter = .milliseconds(listsAfter) }
        if let twilioToken { settings.twilioAuthToken = twilioToken }
        settings.sendGridEventURL = sendgridEvents
        if let sendgridEventKey {
            guard let key = EventSigningKey(base64: sendgridEventKey) else {
                throw ValidationError("--sendgrid-event-key: expected base64 of the DER of a P-256 key")
            }
            settings.sendGridEventKey = key
        }
        return settings
    }
}
