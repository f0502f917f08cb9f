import Foundation
import HTTPTypes
import Hummingbird

/// Received requests, newest first.
struct Listing: Encodable {
    /// How many the filter lets through, whatever the limit.
    var count: Int
    var messages: [ReceivedMessage]
}

/// A message that was accepted more than once, among those kept.
struct Duplicate: Encodable {
    /// Of the newest.
    var provider: Provider
    var to: String
    var body: String
    var times: Int
    var ids: [String]

    /// - Parameter acrossProviders: whether it does not matter which provider accepted it.
    static func find(in messages: [ReceivedMessage], acrossProviders: Bool) -> [Duplicate] {
        struct Key: Hashable {
            var provider: Provider?
            var to: String
            var subject: String?
            var body: String
            var html: String?
        }
        let groups = Dictionary(grouping: messages) {
            Key(
                provider: acrossProviders ? nil : $0.provider, to: RecipientScript.key(of: $0.to),
                subject: $0.subject, body: $0.body, html: $0.html)
        }
        return groups.values.filter { $0.count > 1 }
            .map { messages in
                Duplicate(
                    provider: messages[0].provider, to: messages[0].to, body: messages[0].body,
                    times: messages.count, ids: messages.compactMap(\.id))
            }
            .sorted { ($0.to, $0.body) < ($1.to, $1.body) }
    }
}

/// `{"provider":"twilio","fault":"status=429,retry-after=2,times=3","probability":0.5,"to":"+1…","contains":"…",
/// "lasts_ms":2000}`: all but `fault` may be left out.
struct WantedFault: Decodable {
    var provider: Provider?
    var fault: String
    var probability: Double?
    var to: String?
    var contains: String?
    var lastsMs: Int?

    enum CodingKeys: String, CodingKey {
        case provider, fault, probability, to, contains
        case lastsMs = "lasts_ms"
    }

    func rule() throws -> FaultRule {
        if let probability, !(0...1).contains(probability) {
            throw HTTPError(.badRequest, message: "probability: expected a number from 0 to 1.")
        }
        if let lastsMs, lastsMs < 1 {
            throw HTTPError(.badRequest, message: "lasts_ms: expected a number, 1 or more.")
        }
        return FaultRule(
            provider: provider, fault: fault, probability: probability, to: to, contains: contains,
            until: lastsMs.map { Date() + Double($0) / 1000 })
    }
}

/// `{"provider":"twilio","fixed_ms":50}` or `{"min_ms":10,"max_ms":90}`; without a provider for all; 0 for none.
struct LatencySetting: Codable {
    var provider: Provider?
    var fixedMs: Int?
    var minMs: Int?
    var maxMs: Int?

    enum CodingKeys: String, CodingKey {
        case provider
        case fixedMs = "fixed_ms"
        case minMs = "min_ms"
        case maxMs = "max_ms"
    }

    func latency() throws -> Latency? {
        switch (fixedMs, minMs, maxMs) {
        case (0?, nil, nil): return nil
        case (let fixed?, nil, nil) where (1...600_000).contains(fixed): return .fixed(.milliseconds(fixed))
        case (nil, let low?, let high?) where 0 <= low && low <= high && high <= 600_000:
            return .between(.milliseconds(low), .milliseconds(high))
        default:
            throw HTTPError(
                .badRequest, message: "Expected fixed_ms, or min_ms and max_ms, from 0 to 600000 and in order.")
        }
    }
}

/// `{"secrets":["whsec_…"]}`; an empty list goes back to the secrets the simulator was started with.
struct SecretSetting: Decodable {
    var secrets: [String]
}

/// What is in force.
struct Behaviour: Encodable {
    var faults: [FaultRule]
    var latency: [Provider: LatencySetting]
    var hanging: Int

    init(_ book: FaultBook) {
        faults = book.rules
        hanging = book.hanging
        latency = book.latency.mapValues { latency in
            switch latency {
            case .fixed(let duration): LatencySetting(fixedMs: duration.milliseconds)
            case .between(let low, let high): LatencySetting(minMs: low.milliseconds, maxMs: high.milliseconds)
            }
        }
    }
}

extension ReceivedFilter {
    /// From `provider`, `outcome`, `to`, `id` and `contains` of a query.
    init(_ query: Form) throws {
        self.init(
            provider: try query.choice("provider"), outcome: try query.choice("outcome"), to: query["to"],
            id: query["id"], contains: query["contains"])
    }
}

extension Form {
    fileprivate func choice<Choice: RawRepresentable>(_ key: String) throws -> Choice?
    where Choice.RawValue == String {
        guard let text = self[key] else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw HTTPError(.badRequest, message: "\(key): '\(text)' is not known.")
        }
        return choice
    }

    func number(_ key: String, or standard: Int) throws -> Int {
        guard let text = self[key] else { return standard }
        guard let number = Int(text), number >= 0 else {
            throw HTTPError(.badRequest, message: "\(key): expected a number, 0 or more.")
        }
        return number
    }
}
