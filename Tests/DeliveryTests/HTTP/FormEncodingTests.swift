import NIOCore
import Testing

@testable import Delivery

@Suite struct FormEncodingTests {
    @Test(arguments: [
        ("+15005550006", "%2B15005550006"),
        ("a b&c=d", "a+b%26c%3Dd"),
        ("AZaz09*-._", "AZaz09*-._"),
        ("~!'()%\r\n", "%7E%21%27%28%29%25%0D%0A"),
        ("é€😀", "%C3%A9%E2%82%AC%F0%9F%98%80"),
        ("https://x.test/a?b=c", "https%3A%2F%2Fx.test%2Fa%3Fb%3Dc"),
        ("", ""),
    ])
    func valuesAreEscapedAsFormsAre(value: String, encoded: String) {
        var buffer = ByteBuffer()
        buffer.writeFormEncoded(value)
        #expect(String(buffer: buffer) == encoded)
    }

    @Test func fieldsAreParted() {
        var buffer = ByteBuffer()
        buffer.writeFormField("To", "+1")
        buffer.writeFormField("Body", "")
        buffer.writeFormField("From", "x")
        #expect(String(buffer: buffer) == "To=%2B1&Body=&From=x")
    }
}
