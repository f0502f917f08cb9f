import Testing

@testable import JobRuntime

@Suite struct ServerFactsTests {
    private func concerns(
        version: String = "7.0.15", policy: String = "noeviction", aof: String = "1", save: String? = ""
    ) -> [String] {
        let info =
            "# Server\r\nredis_version:\(version)\r\nos:Linux\r\n# Memory\r\nmaxmemory_policy:\(policy)\r\n"
            + "# Persistence\r\naof_enabled:\(aof)\r\n"
        return ServerFacts(info: info, snapshots: save).concerns
    }

    @Test func aFitServerIsOfNoConcern() {
        #expect(concerns().isEmpty)
        #expect(concerns(version: "7.2.4").isEmpty)
        #expect(concerns(version: "10.0").isEmpty)
        #expect(concerns(aof: "0", save: "3600 1 300 100").isEmpty)
    }

    @Test(arguments: ["6.2.14", "5.0.3", "0", "x"])
    func anOldServer(version: String) {
        #expect(concerns(version: version).count == 1)
        #expect(concerns(version: version).first?.contains("too old") == true)
    }

    @Test func aServerThatEvicts() {
        #expect(concerns(policy: "allkeys-lru").first?.contains("allkeys-lru") == true)
    }

    @Test func aServerThatForgets() {
        #expect(concerns(aof: "0", save: "").first?.contains("appendonly") == true)
        #expect(concerns(aof: "0", save: nil).first?.contains("appendonly") == true)
    }

    @Test func everyConcernIsTold() {
        #expect(concerns(version: "5.0", policy: "volatile-ttl", aof: "0").count == 3)
    }
}
