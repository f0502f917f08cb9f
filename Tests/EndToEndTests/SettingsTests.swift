import Delivery
import JobRuntime
import Logging
import Redis
import TestSupport
import Testing

@testable import posthaste

/// Settings as the environment has them.
@Suite struct SettingsTests {
    private func settings(_ variables: [String: String]) throws -> Settings {
        try Settings(SettingsReader(variables: variables))
    }

    @Test func withoutASettingRedisIsNotFilledAndEveryLetterIsKept() throws {
        let settings = try settings([:])
        #expect(try settings.limits() == QueueLimits(memory: .share(0.9)))
        #expect(try settings.worker().deadRetention == nil)
        #expect(try settings.worker().timeout == .seconds(900))
    }

    @Test(arguments: [
        ("80%", QueueLimits.MemoryMark.share(0.8)), ("100%", .share(1)), ("0.5%", .share(0.005)),
        ("512mb", .bytes(512 << 20)), ("512MB", .bytes(512 << 20)), ("2gb", .bytes(2 << 30)),
        ("2g", .bytes(2_000_000_000)), ("2048kb", .bytes(2 << 20)), ("5m", .bytes(5_000_000)),
        ("1048576", .bytes(1 << 20)), ("1048576b", .bytes(1 << 20)),
    ])
    func aMemoryMarkIsAShareOrASize(text: String, mark: QueueLimits.MemoryMark) throws {
        #expect(try settings(["REDIS_MEMORY_MARK": text]).limits() == QueueLimits(memory: mark))
    }

    @Test(arguments: [
        "most", "0%", "101%", "-5%", "%", "80 %", "0.8", "1048575", "512", "-1gb", "mb", "1tb", "1.5gb",
        "99999999999999gb",
    ])
    func whatIsNoMemoryMarkIsRefused(text: String) throws {
        let settings = try settings(["REDIS_MEMORY_MARK": text])
        let error = #expect(throws: SettingError.self) { try settings.limits() }
        #expect(
            error?.description
                == "REDIS_MEMORY_MARK: expected a share of maxmemory such as 80%, or bytes such as 512mb")
    }

    @Test func aQueueHasADepth() throws {
        #expect(try settings(["QUEUE_MAX_DEPTH": "5000"]).limits().maximumDepth == 5000)
        #expect(try settings(["LEDGER_BACKLOG_MARK": "7"]).limits().maximumBacklog == 7)
        for text in ["0", "-1", "many", "1000000001", "1.5"] {
            let settings = try settings(["QUEUE_MAX_DEPTH": text])
            let error = #expect(throws: SettingError.self) { try settings.limits() }
            #expect(error?.description == "QUEUE_MAX_DEPTH: expected a whole number from 1 to 1000000000")
        }
    }

    @Test func numbersHaveTenants() async throws {
        let http = OutboundHTTP()
        func tenants(_ text: String) throws -> [String: String] {
            try settings(["INBOUND_TENANTS": text]).delivery(http, mail: MailTransport.init).inboundTenants
        }
        #expect(try tenants("") == [:])
        #expect(
            try tenants("+15551234567=acme, 12345=acme,+15557654321 = beta")
                == ["+15551234567": "acme", "12345": "acme", "+15557654321": "beta"])
        for text in ["acme", "+15551234567=", "=acme", "+1=acme,", "+15551234567=a=b", "+0=acme", "1=acme,1=beta"] {
            let error = #expect(throws: SettingError.self) { _ = try tenants(text) }
            #expect(error?.variable == "INBOUND_TENANTS" && error?.expected.contains("+15551234567=acme") == true)
        }
        try await http.shutdown()
    }

    @Test func lettersAreKeptForDays() throws {
        #expect(try settings(["DEAD_RETENTION_DAYS": "30"]).worker().deadRetention == .seconds(2_592_000))
        for text in ["0", "30d", "36501"] {
            let settings = try settings(["DEAD_RETENTION_DAYS": text])
            let error = #expect(throws: SettingError.self) { try settings.worker() }
            #expect(error?.description == "DEAD_RETENTION_DAYS: expected a whole number from 1 to 36500")
        }
    }

    @Test func anAttemptHasATimeOrNone() throws {
        #expect(try settings(["JOB_TIMEOUT_SECONDS": "60"]).worker().timeout == .seconds(60))
        #expect(try settings(["JOB_TIMEOUT_SECONDS": "0"]).worker().timeout == nil)
        for text in ["-1", "1m", "86401"] {
            let settings = try settings(["JOB_TIMEOUT_SECONDS": text])
            let error = #expect(throws: SettingError.self) { try settings.worker() }
            #expect(error?.description == "JOB_TIMEOUT_SECONDS: expected a whole number from 0 to 86400")
        }
    }

    /// A record that goes sooner is gone before whoever waits for the end of the job has seen it.
    @Test func aRecordStandsForAMinuteAtLeast() throws {
        let redis = RedisClient(RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: 1)), logger: .quiet)
        for text in ["60", "31536000"] { _ = try settings(["JOB_RECORD_TTL": text]).store(redis) }
        for text in ["59", "1", "0", "-60", "31536001"] {
            let settings = try settings(["JOB_RECORD_TTL": text])
            let error = #expect(throws: SettingError.self) { _ = try settings.store(redis) }
            #expect(error?.description == "JOB_RECORD_TTL: expected a whole number from 60 to 31536000")
        }
    }

    @Test func aProviderIsNamedOnce() async throws {
        let http = OutboundHTTP()
        let settings = try settings([
            "TWILIO_ACCOUNT_SID": "AC0123456789abcdef0123456789abcdef", "TWILIO_AUTH_TOKEN": "token",
            "SMS_PROVIDERS": "twilio, twilio",
        ])
        let error = #expect(throws: SettingError.self) { _ = try settings.delivery(http, mail: MailTransport.init) }
        #expect(error?.description == "SMS_PROVIDERS: expected each name once")
        try await http.shutdown()
    }

    @Test func webhooksAreAllowedMoreAddresses() async throws {
        let http = OutboundHTTP()
        var variables = ["WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
        for text in ["", "127.0.0.0/8", "10.1.0.0/16, fd00::/8", "192.168.1.7"] {
            variables["WEBHOOK_ALLOW_CIDRS"] = text
            #expect(try settings(variables).delivery(http, mail: MailTransport.init).webhook.count == 1)
        }
        for text in ["local", "10.0.0.0/8;127.0.0.0/8", "10.0.0.1/8", "10.0.0.0/33"] {
            variables["WEBHOOK_ALLOW_CIDRS"] = text
            let settings = try settings(variables)
            let error = #expect(throws: SettingError.self) { _ = try settings.delivery(http, mail: MailTransport.init) }
            #expect(error?.description.hasPrefix("WEBHOOK_ALLOW_CIDRS: expected ") == true)
        }
        try await http.shutdown()
    }

    @Test func theValueIsNotShown() throws {
        let settings = try settings(["QUEUE_MAX_DEPTH": "hunter2"])
        let error = #expect(throws: SettingError.self) { try settings.limits() }
        #expect(error.map { !"\($0)".contains("hunter2") } == true)
    }
}
