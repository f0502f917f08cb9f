/// Who calls back. The raw value is the ``Provider/name``.
public enum Vendor: String, Codable, Sendable, CaseIterable {
    case twilio, sendgrid, vonage
}

extension String {
    /// Whether it can be a vendor's id of something: 1 to 128 visible ASCII characters. Ids become parts of keys.
    var isVendorID: Bool {
        (1...128).contains(utf8.count) && utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
