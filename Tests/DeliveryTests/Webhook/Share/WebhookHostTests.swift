import Messaging
import Testing

@testable import Delivery

@Suite struct WebhookHostTests {
    @Test(arguments: [
        ("https://example.com/hook", "example.com"), ("HTTPS://Example.COM:8443?a=b", "example.com"),
        ("http://example.com.#x", "example.com"), ("http://127.0.0.1:9900", "127.0.0.1"),
        ("http://[2001:DB8::1]:80/a:b", "[2001:db8::1]"), ("https://a.test/b@c:1", "a.test"), ("", ""), ("http://", ""),
    ])
    func aHostIsTheSameHoweverItIsWritten(to address: String, host: String) {
        #expect(Webhook(from: "shop", to: address, body: "{}").host == host)
    }
}
