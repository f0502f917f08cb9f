import TestSupport
import Testing

@testable import Delivery

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("127.0.0.0/8", IPAddress.v4(0x7F00_0000), 8), ("0.0.0.0/0", .v4(0), 0), ("10.1.2.3/32", .v4(0x0A01_0203), 32),
        ("10.1.2.3", .v4(0x0A01_0203), 32), ("::1", .v6(1), 128), ("::/0", .v6(0), 0),
        ("FD00::/8", .v6(0xFD << 120), 8), ("2001:db8::/032", .v6(0x2001_0db8 << 96), 32),
    ])
    func aRangeIsReadFromItsText(text: String, base: IPAddress, prefix: Int) throws {
        #expect(try AddressRange(parsing: text) == AddressRange(base, prefix: prefix))
    }

    @Test(arguments: [
        "", "/", "/8", "local", "127.1/8", "0x7f.0.0.1", "2130706433", "127.0.0.0.0/8", "256.0.0.0/8", "[::1]/128",
        "fe80::1%lo/64", " 10.0.0.0/8", "::ffff:10.0.0.0/104", "::ffff:127.0.0.1",
    ])
    func whatIsNoRangeIsRefused(text: String) {
        expect(text, "ranges of addresses such as 10.0.0.0/8 or fd00::/8, separated by commas")
    }

    @Test(arguments: [
        ("10.0.0.0/33", "32 after the slash of an IPv4"), ("10.0.0.0/", "32 after the slash of an IPv4"),
        ("10.0.0.0/-1", "32 after the slash of an IPv4"), ("10.0.0.0/+8", "32 after the slash of an IPv4"),
        ("10.0.0.0/8/8", "32 after the slash of an IPv4"), ("fd00::/129", "128 after the slash of an IPv6"),
        ("fd00::/99999999999999999999", "128 after the slash of an IPv6"),
    ])
    func aPrefixHasItsBounds(text: String, part: String) {
        expect(text, "a prefix from 0 to \(part) range")
    }

    @Test(arguments: ["10.0.0.1/8", "127.0.0.1/31", "fd00::1/8", "1.0.0.0/0", "::1/127"])
    func bitsAfterThePrefixAreASlip(text: String) {
        expect(text, "ranges without bits after their prefix: 10.0.0.0/8, not 10.0.0.1/8")
    }

    /// What is written of an address is that address.
    @Test func addressesAreWrittenAsTheyAreRead() {
        var random = SeededGenerator(state: 7)
        for _ in 0..<1000 {
            let v4 = IPAddress.v4(.random(in: 0...(.max), using: &random))
            // Many zeros, which other ways of writing leave out.
            let v6 = IPAddress.v6(.random(in: 0...(.max), using: &random) >> Int.random(in: 0...128, using: &random))
            #expect(IPAddress(parsing: "\(v4)") == v4 && IPAddress(parsing: "\(v6)") == v6)
        }
    }

    private func expect(_ text: String, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(throws: SettingsError(setting: "allowed", expected: expected), sourceLocation: sourceLocation) {
            try AddressRange(parsing: text)
        }
    }
}
