import ArgumentParser
import Hummingbird
import Logging
import ProviderSimulator
import ServiceLifecycle
import UnixSignals

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Stand in for Twilio, SendGrid and webhook endpoints.",
        discussion: """
            Point TWILIO_BASE_URL and SENDGRID_BASE_URL here, and send webhooks to /webhooks/<name>. What it received \
            is at / as a page and at /_simulator/received as JSON; latency and faults are set under /_simulator.
            """)

    @Option(help: "Address to listen on.") var host = "127.0.0.1"
    @Option(help: "Port to listen on.") var port = 9900
    @Option(help: "Milliseconds before each answer.") var latency: Int?
    @Option(help: "A whsec_ secret that webhooks must be signed with; may be repeated.") var webhookSecret: [String] =
        []

    func run() async throws {
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
        let logger = Logger(label: "posthaste.simulator") { StreamLogHandler.standardError(label: $0) }
        let application = Simulator(settings: settings).application(host: host, port: port, logger: logger)
        try await ServiceGroup(
            services: [application], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }
}
