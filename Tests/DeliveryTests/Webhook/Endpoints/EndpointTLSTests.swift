import JobRuntime
import Messaging
import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS
import TestSupport
import Testing

@testable import Delivery

/// A connection to a checked address is still one to the endpoint's host.
@Suite(.timeLimit(.minutes(5))) struct EndpointTLSTests {
    /// Its own authority, for hooks.example.test alone, until the year 2120. The key is as public as this file.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBezCCASKgAwIBAgIBATAKBggqhkjOPQQDAjAdMRswGQYDVQQDDBJob29rcy5l
        eGFtcGxlLnRlc3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMB0x
        GzAZBgNVBAMMEmhvb2tzLmV4YW1wbGUudGVzdDBZMBMGByqGSM49AgEGCCqGSM49
        AwEHA0IABPuu2TJm7nPzxKoXpiFJMsCQE3K4ysWUIpMPEZLN6LRdxdi6fo1VkAcO
        SVLsJh2Hxdn4+IOPEzvylwYDPdK0S1mjUTBPMB0GA1UdEQQWMBSCEmhvb2tzLmV4
        YW1wbGUudGVzdDAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBQhmrc8zUtBrtTb
        QqPEm+pN83e9IDAKBggqhkjOPQQDAgNHADBEAiBtX3yEcd60HnsiRNZcC0bFCQWW
        ExVJ4cInfSLmdtJIhgIgZTBolwBi7R381+FhHZMY1wmJ6QvRWSAM5OEpOM4uokk=
        -----END CERTIFICATE-----
        """
    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWMHD95aALjzBr0ca
        HnPm81MjsvxtPHjdFBffD5243OChRANCAAT7rtkyZu5z88SqF6YhSTLAkBNyuMrF
        lCKTDxGSzei0XcXYun6NVZAHDklS7CYdh8XZ+PiDjxM78pcGAz3StEtZ
        -----END PRIVATE KEY-----
        """

    /// Posts to `host`, which is this machine, and tells what came of it and which server name was asked for.
    private func post(
        to host: String, trusting roots: [NIOSSLCertificate]? = nil
    ) async throws -> (verdict: Verdict, names: [SNIResult], requests: [ReceivedRequest]) {
        let certificate = try NIOSSLCertificate(bytes: Array(Self.certificate.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(Self.key.utf8), format: .pem)
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
        let names = Locked<[SNIResult]>([])
        return try await TestServer.with(
            { _ in .answer(.ok) },
            prepare: { channel in
                let sync = channel.pipeline.syncOperations
                try sync.addHandler(
                    ByteToMessageHandler(
                        SNIHandler { name in
                            names.update { $0.append(name) }
                            return channel.eventLoop.makeSucceededVoidFuture()
                        }))
                try sync.addHandler(NIOSSLServerHandler(context: context))
            },
            body: { server in
                let http = OutboundHTTP(
                    connectTimeout: .seconds(20), resolver: NameResolver { _ in [.v4(0x7F00_0001)] },
                    endpointRoots: .certificates(roots ?? [certificate]))
                return try await withHTTP(http) { http in
                    let settings = try WebhookSettings(secrets: [Secret(webhookSecret)], allowed: [loopback])
                    let verdict = await WebhookProvider(http: http, settings: settings).send(
                        Webhook(from: "shop", to: "https://\(host):\(server.port)/", body: "{}"),
                        attempt: attempt(kind: Webhook.kind))
                    return (verdict, names.value, server.received)
                }
            })
    }

    @Test func theServerIsAskedForByTheHostsName() async throws {
        let (verdict, names, requests) = try await post(to: "hooks.example.test")
        #expect(verdict == .accepted(Receipt(provider: "webhook", status: 200)))
        #expect(names == [.hostname("hooks.example.test")])
        let request = try #require(requests.first)
        #expect(request.headers.first(name: "host")?.hasPrefix("hooks.example.test:") == true)
    }

    @Test(arguments: ["other.example.test", "example.test", "127.0.0.1"])
    func aCertificateForAnotherNameIsNoEndpoint(host: String) async throws {
        let (verdict, names, requests) = try await post(to: host)
        #expect(verdict.error?.hasPrefix("webhook: not sent: ") == true, "\(verdict)")
        #expect(names == [host == "127.0.0.1" ? .fallback : .hostname(host)])
        #expect(requests.isEmpty)
    }

    @Test func aCertificateOfAnUnknownAuthorityIsNoEndpoint() async throws {
        let (verdict, _, requests) = try await post(to: "hooks.example.test", trusting: [])
        #expect(verdict.error?.hasPrefix("webhook: not sent: ") == true, "\(verdict)")
        #expect(requests.isEmpty)
    }
}
