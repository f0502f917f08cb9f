import Testing

@testable import Ingress

extension KeyText {
    /// A new key and its entry.
    static func made(_ name: String, _ rest: String = "send+read") -> (key: String, entry: String) {
        let key = random()
        return (key, "\(name):sha256:\(KeyDigest(of: key).hex):\(rest)")
    }
}

@Suite struct KeyRingTests {
    @Test func anEntrySaysWhoAndWhat() throws {
        let made = KeyText.made("shop", "send+read:tenant=acme:rate=600/60:quota=100000/d:expires=2027-01-01")
        let key = try APIKey(made.entry)
        #expect(key.caller == Caller(name: "shop", tenant: "acme", scopes: [.send, .read]))
        #expect(key.rate == RateLimit(requests: 600, period: 60))
        #expect(key.quota == Quota("100000/d"))
        #expect(key.end == 1_798_761_600_000)
        #expect(key.digest == KeyDigest(of: made.key))
    }

    @Test func whoseTheMessagesAre() throws {
        #expect(try APIKey(KeyText.made("shop").entry).tenant == "shop")
        #expect(try APIKey(KeyText.made("shop", "send:tenant=acme").entry).tenant == "acme")
        #expect(try APIKey(KeyText.made("ops", "operate+read").entry).tenant == nil)
        #expect(throws: KeyFault.self) { try APIKey(KeyText.made("ops", "operate:tenant=acme").entry) }
    }

    @Test(arguments: [
        ("50/s", RateLimit(requests: 50, period: 1)), ("3000/m", RateLimit(requests: 3000, period: 60)),
        ("7/h", RateLimit(requests: 7, period: 3600)), ("600/90", RateLimit(requests: 600, period: 90)),
        ("0/s", nil), ("-1/s", nil), ("1/0", nil), ("1/86401", nil), ("1", nil), ("/s", nil), ("1/d", nil),
        ("1/s/s", nil), ("1000000001/s", nil), ("", nil),
    ])
    func rates(text: String, rate: RateLimit?) { #expect(RateLimit(text) == rate) }

    @Test(arguments: ["5/h", "5/d", "5/month", "1000000000000/d"])
    func quotas(text: String) { #expect(Quota(text)?.description == text) }

    @Test(arguments: ["0/d", "5", "5/60", "5/week", "/d", "5/d/d", "1000000000001/d", ""])
    func whatIsNoQuota(text: String) { #expect(Quota(text) == nil) }

    /// Each with what is said of it. The entry itself never is.
    @Test(arguments: [
        ("hunter2", "entry 2: expected name:sha256"),
        ("shop:hunter2:send", "entry 2: expected name:sha256"),
        ("shop:sha256", "entry 2: expected name:sha256"),
        ("shop!:sha256:DIGEST:send", "entry 2: its name must have"),
        (":sha256:DIGEST:send", "entry 2: its name must have"),
        ("hunter2hunter2hunter2hunter2hunter2hunter2:sha256:DIGEST:send", "entry 2: its name must have"),
        ("ph_hunter2:sha256:DIGEST:send", "entry 2: its name must have"),
        ("shop:sha256:hunter2:send", "entry 2 (shop): its SHA-256 must have"),
        ("shop:sha256:DIGEST", "entry 2 (shop): its scopes must be"),
        ("shop:sha256:DIGEST:", "entry 2 (shop): its scopes must be"),
        ("shop:sha256:DIGEST:send+hunter2", "entry 2 (shop): its scopes must be"),
        ("shop:sha256:DIGEST:tenant=acme", "entry 2 (shop): its scopes must be"),
        ("shop:sha256:DIGEST:send:tenant=hunter2/hunter2", "entry 2 (shop): its tenant must have"),
        ("shop:sha256:DIGEST:send:tenant", "entry 2 (shop): its tenant must have"),
        ("shop:sha256:DIGEST:send:rate=hunter2", "entry 2 (shop): its rate must be"),
        ("shop:sha256:DIGEST:send:quota=hunter2", "entry 2 (shop): its quota must be"),
        ("shop:sha256:DIGEST:send:expires=hunter2", "entry 2 (shop): its end must be a day"),
        ("shop:sha256:DIGEST:send:expires=2027-02-29", "entry 2 (shop): its end must be a day"),
        ("shop:sha256:DIGEST:send:hunter2=1", "entry 2 (shop): after its scopes only"),
        ("first:sha256:DIGEST:send:tenant=hunter2", "entry 2 (first): an entry of this name has another tenant"),
    ])
    func aFaultIsToldWithItsPlace(entry: String, told: String) throws {
        let entry = entry.replacing("DIGEST", with: KeyDigest(of: KeyText.random()).hex)
        let list = "\(KeyText.made("first").entry), \(entry)"
        let fault = #expect(throws: KeyFault.self) { try KeyRing(list: list) }
        #expect(fault?.description.hasPrefix(told) == true, "\(fault?.description ?? "")")
        #expect(fault?.description.contains("hunter2") == false)
    }

    @Test func aKeyStandsInItOnce() throws {
        let made = KeyText.made("shop")
        let fault = #expect(throws: KeyFault.self) { try KeyRing(list: "\(made.entry) \(made.entry)") }
        #expect(fault?.description == "entry 2 (shop): its key has been given before")
    }

    @Test(arguments: ["", "  ,\n", "# nothing yet\n\n"])
    func aRingHasAKey(text: String) {
        #expect(throws: KeyFault("there is no key in it")) { try KeyRing(file: text.replacing(",", with: "")) }
        if !text.hasPrefix("#") { #expect(throws: KeyFault("there is no key in it")) { try KeyRing(list: text) } }
    }

    @Test func aFileHasLinesAndComments() throws {
        let (shop, ops) = (KeyText.made("shop"), KeyText.made("ops", "operate"))
        let ring = try KeyRing(file: "# ours\r\n\n  \(shop.entry)  # since May\n\(ops.entry)")
        #expect(ring.keys.map(\.name) == ["shop", "ops"])
        let fault = #expect(throws: KeyFault.self) {
            try KeyRing(file: "#\n\n\(shop.entry)\n\(ops.entry) \(shop.entry)")
        }
        #expect(fault?.description == "line 4: expected one entry, without spaces in it")
        let other = #expect(throws: KeyFault.self) { try KeyRing(file: "\n\(shop.entry)x") }
        #expect(other?.description.hasPrefix("line 2 (shop): its scopes") == true)
    }

    @Test func everyKeyIsFoundAndNoOther() throws {
        let made = (0..<20).map { KeyText.made("key-\($0)") }
        let ring = try KeyRing(list: made.map(\.entry).joined(separator: ","))
        for (index, key) in made.enumerated() {
            #expect(ring.find(key.key, now: 0)?.name == "key-\(index)")
            #expect(ring.find(KeyText.random(), now: 0) == nil)
            #expect(ring.find(String(key.key.dropLast()), now: 0) == nil)
        }
        #expect(ring.find("", now: 0) == nil)
    }

    @Test func aKeyEndsByItself() throws {
        let made = KeyText.made("shop", "send:expires=2027-01-01")
        let ring = try KeyRing(list: made.entry)
        #expect(ring.find(made.key, now: 1_798_761_599_999)?.name == "shop")
        #expect(ring.find(made.key, now: 1_798_761_600_000) == nil)
    }

    @Test func oneCallerMayHaveTwoKeys() throws {
        let (old, new) = (KeyText.made("shop", "send:expires=2027-01-01"), KeyText.made("shop", "send+read"))
        let ring = try KeyRing(list: "\(old.entry),\(new.entry)")
        #expect(ring.find(old.key, now: 0)?.scopes == ["send"])
        #expect(ring.find(new.key, now: .max)?.scopes == ["send", "read"])
        #expect(ring.find(old.key, now: .max) == nil)
    }
}
