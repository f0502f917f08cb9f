import Testing

@testable import Ingress

@Suite struct KeyTextTests {
    @Test func aKeyIsTellableFromAnyOtherText() {
        var seen = Set<String>()
        for _ in 0..<200 {
            let key = KeyText.random()
            #expect(key.hasPrefix("ph_") && key.utf8.count == 52)
            #expect(KeyText.isWellFormed(key))
            #expect(seen.insert(key).inserted)
        }
    }

    @Test func everySlipOfTheHandIsSeen() {
        let key = Array(KeyText.random().utf8)
        for place in 0..<key.count {
            for digit in "09AZaz_".utf8 where digit != key[place] {
                var wrong = key
                wrong[place] = digit
                #expect(!KeyText.isWellFormed(String(decoding: wrong, as: UTF8.self)))
            }
            if place > 0, key[place] != key[place - 1] {
                var swapped = key
                swapped.swapAt(place, place - 1)
                #expect(!KeyText.isWellFormed(String(decoding: swapped, as: UTF8.self)))
            }
        }
        let text = String(decoding: key, as: UTF8.self)
        for other in ["", "ph_", text + "0", String(text.dropLast()), " " + text.dropFirst(), "é" + text.dropFirst(2)] {
            #expect(!KeyText.isWellFormed(other))
        }
    }

    /// The check value that everybody's CRC-32 has: so that a scanner can be written by this and nothing else.
    @Test func theChecksumIsCRC32InBase62() {
        let body = "ph_" + String(repeating: "0", count: 43)
        let sum = Self.base62(Self.crc32(body))
        #expect(KeyText.isWellFormed(body + sum))
        #expect(Self.crc32("123456789") == 0xCBF4_3926)
    }

    private static func crc32(_ text: String) -> UInt32 {
        ~text.utf8.reduce(~UInt32(0)) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
        }
    }

    private static func base62(_ number: UInt32) -> String {
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        var (rest, text) = (Int(number), "")
        for _ in 0..<6 { (text, rest) = (String(digits[rest % 62]) + text, rest / 62) }
        return text
    }

    @Test func aDigestIsSHA256() throws {
        // FIPS 180-2, appendix B.1.
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(KeyDigest(of: "abc").hex == hex)
        #expect(KeyDigest(hex: Substring(hex)) == KeyDigest(of: "abc"))
        #expect(KeyDigest(hex: Substring(hex.uppercased())) == KeyDigest(of: "abc"))
        for wrong in ["", "ab", String(hex.dropLast()), hex + "0", "g" + hex.dropFirst(), "é" + hex.dropFirst(2)] {
            #expect(KeyDigest(hex: Substring(wrong)) == nil)
        }
    }

    @Test func digestsAreComparedWhole() {
        let digest = Array(KeyDigest(of: "abc").hex)
        #expect(KeyDigest(of: "abc").equals(KeyDigest(of: "abc")) == 1)
        for place in digest.indices {
            var other = digest
            other[place] = other[place] == "0" ? "1" : "0"
            let wrong = KeyDigest(hex: Substring(String(other)))
            #expect(wrong.map { KeyDigest(of: "abc").equals($0) } == 0)
        }
    }
}
