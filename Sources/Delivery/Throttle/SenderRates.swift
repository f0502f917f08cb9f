/// How fast senders may send at one provider: segments a second for text messages, messages for mail.
public struct SenderRates: Sendable, Equatable {
    private var rates: [String: Double] = [:]
    /// For senders that are not named; nil: as fast as they like.
    private var others: Double?

    /// Reads `+15551234567=1,MG0123…=40,*=10`: what each sender may send in a second; `*` are all others.
    ///
    /// - Throws: ``SettingsError`` with the part that cannot be read.
    public init(parsing text: String) throws(SettingsError) {
        for part in text.split(separator: ",") {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false)
            let name = pair.first.map { $0.trimmingPrefix { $0 == " " } } ?? ""
            guard pair.count == 2, !name.isEmpty, let rate = Double(String(pair[1]).trimmed), rate >= 0.001,
                rate <= 100_000
            else {
                throw SettingsError(
                    setting: "rates", expected: "sender=rate from 0.001 to 100000, separated by commas, not \"\(part)\""
                )
            }
            if name == "*" { others = rate } else { rates[String(name)] = rate }
        }
    }

    /// How long a sender is busy with so many segments; nil: no time at all.
    func cost(of sender: String, segments: Int) -> Duration? {
        (rates[sender] ?? others).map { .seconds(Double(max(1, segments)) / $0) }
    }
}

extension String {
    fileprivate var trimmed: String {
        String(trimmingPrefix { $0 == " " }.reversed().trimmingPrefix { $0 == " " }.reversed())
    }
}
