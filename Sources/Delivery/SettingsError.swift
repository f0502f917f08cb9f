import Messaging

/// A setting that cannot be worked with. Never repeats the value, which may be a secret.
public struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which member of the settings: `accountSID`. The caller knows under which name the operator gave it.
    public var setting: String
    /// What was expected: `AC and 32 hexadecimal digits`.
    public var expected: String

    public init(setting: String, expected: String) {
        self.setting = setting
        self.expected = expected
    }

    public var description: String { "\(setting): expected \(expected)" }
}

/// Makes the address of a vendor's endpoint from its base.
///
/// - Throws: ``SettingsError`` for anything but an absolute http or https address without query or fragment.
func endpoint(base: String, path: String) throws(SettingsError) -> String {
    let trimmed = base.hasSuffix("/") ? base.dropLast() : base[...]
    guard WebAddress.fault(in: base) == nil,
        !base.utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") })
    else {
        throw SettingsError(setting: "baseURL", expected: "an address such as https://api.example.com")
    }
    return trimmed + path
}
