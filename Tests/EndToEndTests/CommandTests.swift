import Foundation
import TestSupport
import Testing

/// What somebody at a terminal sees.
@Suite struct CommandTests {
    @Test func sendWaitsForTheOutcome() async throws {
        let fleet = try await Fleet()
        _ = try await fleet.startWorker()
        let url = "http://127.0.0.1:\(fleet.ingressPort)"
        let good = try fleet.start(
            "send", "--url", url, "--from", "+15551234567", "--to", "+15559876543", "--priority", "high",
            "--expires-in", "600", "--on-ambiguous", "resend", "--wait", "30", "Hello")
        #expect(await good.wait() == 0)
        #expect(good.output.contains(#""priority":"high""#) && good.output.contains(#""on_ambiguous":"resend""#))
        #expect(good.output.contains(#""status":"sent""#))

        let dead = try fleet.start(
            "send", "--url", url, "--from", "+15551234567", "--to", "+15005550001", "--wait", "30", "Hello")
        #expect(await dead.wait() == 1)
        #expect(dead.output.contains(#""status":"failed""#))

        let nobody = try fleet.start(
            "send", "--url", "http://127.0.0.1:1", "--from", "+15551234567", "--to", "+15559876543", "Hello")
        #expect(await nobody.wait() == 1)

        let wrong = try fleet.start("send", "--url", url, "--from", "+15551234567", "--to", "nobody", "Hello")
        #expect(await wrong.wait() == 1)
        #expect(wrong.output.contains("/to"))
    }

    @Test func aSettingThatCannotBeReadStopsTheStartAndIsNamed() async throws {
        let fleet = try await Fleet()
        for (variable, value) in [
            ("LEASE_MS", "soon"), ("REDIS_URL", "http://:hunter2@x"), ("API_PORT", "99999"), ("ENVIRONMENT", "prod"),
            ("TWILIO_ACCOUNT_SID", "hunter2"), ("WEBHOOK_SECRET", "hunter2"), ("LOG_LEVEL", "loud"),
            ("QUEUE_MAX_DEPTH", "0"), ("REDIS_MEMORY_MARK", "most"), ("DEAD_RETENTION_DAYS", "0"),
            ("JOB_TIMEOUT_SECONDS", "hunter2"),
        ] {
            let isOfIngress = ["API_PORT", "QUEUE_MAX_DEPTH", "REDIS_MEMORY_MARK"].contains(variable)
            let command = isOfIngress ? "ingress" : "worker"
            let process = try fleet.start(command, environment: [variable: value])
            #expect(await process.wait() != 0, "\(variable)")
            #expect(process.output.contains("\(variable): expected"), "\(process.output)")
            #expect(!process.output.contains("hunter2"))
        }
    }

    @Test func inProductionARedisThatLosesJobsIsRefused() async throws {
        let fleet = try await Fleet()
        _ = try await fleet.redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        let warned = try await fleet.startWorker()
        try await eventually("it is told") { warned.process.output.contains("maxmemory-policy is allkeys-lru") }
        #expect(warned.process.isRunning)
        for command in ["worker", "ingress"] {
            let refused = try fleet.start(
                command,
                environment: [
                    "ENVIRONMENT": "production", "API_PORT": "0", "ALLOWED_HOSTS": "*",
                    "API_KEYS": "nobody:sha256:\(String(repeating: "0", count: 64)):send",
                ])
            #expect(await refused.wait() != 0)
            #expect(refused.output.contains("set noeviction"), "\(refused.output)")
        }
    }

    @Test func helpNamesEveryCommand() async throws {
        let fleet = try await Fleet()
        let process = try fleet.start("--help")
        #expect(await process.wait() == 0)
        for command in [
            "ingress", "worker", "simulate", "send", "top", "queues", "pending", "workers", "inspect", "tail", "dead",
            "pause", "resume", "cancel", "reclaim", "keys",
        ] {
            #expect(process.output.contains("\n  \(command) "))
        }
    }
}
