import JobRuntime
import Logging
import TestSupport
import Testing

@testable import posthaste

/// Who must have a message before its client is told.
@Suite struct DurabilitySettingsTests {
    private func settings(_ variables: [String: String]) throws -> Settings {
        try Settings(SettingsReader(variables: variables))
    }

    @Test func redisAloneUnlessItIsSaid() throws {
        #expect(try settings([:]).durability == .redis)
        #expect(try settings([:]).acceptances(.quiet) == nil)
        var options = RedisStoreOptions()
        try settings(["ENQUEUE_REPLICAS": "2"]).readReplication(into: &options)
        #expect(options.replicas == 0)
    }

    @Test func replicasAreCounted() throws {
        var options = RedisStoreOptions()
        try settings(["ENQUEUE_DURABILITY": "replicated"]).readReplication(into: &options)
        #expect(options.replicas == 1 && options.replicationTimeout == .seconds(1))
        try settings([
            "ENQUEUE_DURABILITY": "replicated", "ENQUEUE_REPLICAS": "2", "ENQUEUE_REPLICATION_TIMEOUT_MS": "250",
        ]).readReplication(into: &options)
        #expect(options.replicas == 2 && options.replicationTimeout == .milliseconds(250))
    }

    @Test func theLedgerNeedsOne() throws {
        let url = "postgres://posthaste@127.0.0.1/posthaste"
        #expect(try settings(["ENQUEUE_DURABILITY": "ledger", "DATABASE_URL": url]).acceptances(.quiet) != nil)
        for variables in [
            ["ENQUEUE_DURABILITY": "ledger"], ["ENQUEUE_DURABILITY": "disk"],
            ["ENQUEUE_DURABILITY": "ledger", "DATABASE_URL": url, "LEDGER_ENABLED": "false"],
        ] {
            let error = #expect(throws: SettingError.self) { _ = try settings(variables).durability }
            #expect(error?.variable == "ENQUEUE_DURABILITY")
        }
    }
}
