import Delivery
import Ingress
import JobRuntime
import Messaging

extension Settings {
    func ingress() throws -> IngressSettings {
        IngressSettings(
            host: reader.text("API_HOST") ?? "127.0.0.1", port: try reader.integer("API_PORT", in: 0...65535) ?? 8080)
    }

    /// When the ingress takes no more messages of a queue.
    func limits() throws -> QueueLimits {
        QueueLimits(
            maximumDepth: try reader.integer("QUEUE_MAX_DEPTH", in: 1...1_000_000_000),
            memory: try reader.value("REDIS_MEMORY_MARK", expected: QueueLimits.MemoryMark.syntax) {
                QueueLimits.MemoryMark($0)
            })
    }

    /// What the providers' callbacks are verified with.
    func callbacks() throws -> CallbackSettings {
        CallbackSettings(
            publicURL: try reader.value("PUBLIC_URL", expected: "an address such as https://messages.example.com") {
                WebAddress.fault(in: $0) == nil && !$0.contains { $0 == "?" || $0 == "#" } ? $0 : nil
            },
            twilio: reader.text("TWILIO_AUTH_TOKEN").map { TwilioSignature(authToken: Secret($0)) },
            sendGrid: try reader.value(
                "SENDGRID_WEBHOOK_PUBLIC_KEY", expected: "the verification key of SendGrid's event webhook"
            ) { try? SendGridSignature(publicKey: $0) },
            vonage: try vonageSignature())
    }

    private func vonageSignature() throws -> VonageSignature? {
        let method: VonageSignature.Method = try reader.choice("VONAGE_SIGNATURE_METHOD") ?? .sha256
        return reader.text("VONAGE_SIGNATURE_SECRET").map { VonageSignature(secret: Secret($0), method: method) }
    }
}
