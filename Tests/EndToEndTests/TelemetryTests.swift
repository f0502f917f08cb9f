import AsyncHTTPClient
import Foundation
import JobRuntime
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// What the processes of an installation tell of their work.
@Suite(.timeLimit(.minutes(5))) struct TelemetryTests {
    // MARK: Logs

    /// What nobody may find in a log: each is a part of a message, of an address or of a secret.
    private static let markers = [
        "15551230001", "15559870001", "marker-from", "marker-to", "MARKERBODY", "MARKERSUBJECT", "MARKERPATH",
        "MARKERQUERY", "MARKERTOKEN", "MARKERKEY", "MARKERPASSWORD", "MARKERSECRET", Fleet.secret,
    ]

    @Test(arguments: ["text", "json"])
    func noLineTellsAnAddressABodyOrASecret(format: String) async throws {
        let nobody = try freePort()
        let fleet = try await Fleet(settings: [
            "LOG_LEVEL": "trace", "LOG_FORMAT": format, "TWILIO_AUTH_TOKEN": "MARKERTOKEN",
            "SENDGRID_API_KEY": "SG.MARKERKEY.key", "VONAGE_API_KEY": "MARKERKEY", "VONAGE_API_SECRET": "MARKERSECRET",
            "VONAGE_BASE_URL": "http://127.0.0.1:\(nobody)",
            "SMTP_URL": "smtp://user:MARKERPASSWORD@127.0.0.1:\(nobody)",
        ])
        let worker = try await fleet.startWorker()
        let hook = "http://127.0.0.1:\(fleet.simulatorPort)/webhooks/MARKERPATH?key=MARKERQUERY"
        let (from, to, body) = ("+15551230001", "+15559870001", "MARKERBODY")
        let mail = [
            "type": "email", "from": "marker-from@a.example", "to": "marker-to@b.example", "subject": "MARKERSUBJECT",
        ]
        var ids: [String] = []
        for directive in [
            "", "[simulate:status=400,code=21211]", "[simulate:drop]", "[simulate:status=503]", "[simulate:status=401]",
        ] {
            let text = "\(body) \(directive)"
            ids.append(try await fleet.send(["type": "sms", "from": from, "to": to, "body": text]))
            ids.append(
                try await fleet.send([
                    "type": "mms", "from": from, "to": to, "body": text,
                    "attachments": ["http://files.example/MARKERPATH?key=MARKERQUERY"],
                ]))
            ids.append(try await fleet.send(mail.merging(["body": text]) { $1 }))
            ids.append(
                try await fleet.send(["type": "webhook", "from": "me", "to": hook, "body": "{\"a\":\"\(text)\"}"]))
        }
        // What is refused, and an address in a path.
        #expect(try await fleet.post(["type": "sms", "from": from, "to": "\(to)x", "body": body]).status == 422)
        _ = try await fleet.get("/api/v1/suppressions/%2B15559870001?key=MARKERQUERY")
        let output = { fleet.ingressOutput + worker.process.output }
        try await eventually("every message has been tried", within: .seconds(90)) {
            let said = output()
            return ids.allSatisfy { id in
                said.split(separator: "\n").contains { $0.contains(id) && $0.contains("outcome") }
            }
        }
        _ = await worker.process.terminate()
        for marker in Self.markers {
            let telling = output().split(separator: "\n").filter { $0.contains(marker) }
            #expect(telling.isEmpty, "\(marker): \(telling.first ?? "")")
        }
        try expectTheOriginalsLines(worker.process.output, format, ids)
    }

    private func expectTheOriginalsLines(_ output: String, _ format: String, _ ids: [String]) throws {
        for line in [
            "Starting message processor...", "Message processor started successfully",
            "Processing message from queue: message_queue:sms", "Processing message from queue: message_queue:mms",
            "Successfully processed message: \(ids[0])",
        ] { #expect(output.contains(line), "\(line)") }
        guard format == "json" else { return }
        for line in output.split(separator: "\n") {
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["time"] is String && object?["message"] is String, "\(line)")
        }
    }

    // MARK: Traces

    private static let python = ProcessInfo.processInfo.environment["POSTHASTE_JUDGES_PYTHON"]
    private static let judge = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../scripts/judges/otlp_judge.py").standardizedFileURL.path

    private struct Span {
        let json: [String: Any]

        subscript(_ key: String) -> String { json[key] as? String ?? "" }
        func attribute(_ key: String) -> Any? { (json["attributes"] as? [String: Any])?[key] }
        var service: String { (json["resource"] as? [String: Any])?["service.name"] as? String ?? "" }
        var times: (start: Int, end: Int) { (json["start"] as? Int ?? 0, json["end"] as? Int ?? 0) }
    }

    private func spans(at port: Int) async throws -> (spans: [Span], complaints: [String], text: String) {
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: "http://127.0.0.1:\(port)/spans"), timeout: .seconds(30))
        let body = Data(try await response.body.collect(upTo: 1 << 24).readableBytesView)
        let object = try JSONSerialization.jsonObject(with: body) as? [String: Any]
        return (
            (object?["spans"] as? [[String: Any]] ?? []).map(Span.init), object?["complaints"] as? [String] ?? ["none"],
            String(decoding: body, as: UTF8.self)
        )
    }

    @Test(
        .enabled(
            if: python != nil, "POSTHASTE_JUDGES_PYTHON is unset; scripts/judges/setup prints what to set it to"))
    func oneTraceGoesFromTheClientToTheProviderOverAllAttempts() async throws {
        let port = try freePort()
        let fleet = try await Fleet(settings: ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(port)"])
        _ = try fleet.start(
            program: try #require(Self.python), [Self.judge, "\(port)"], environment: ["PYTHONDONTWRITEBYTECODE": "1"])
        try await eventually("the collector answers") { (try? await spans(at: port)) != nil }
        let worker = try await fleet.startWorker()
        let (trace, client) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(fleet.ingressPort)/api/v1/messages/send")
        request.method = .POST
        request.headers = [
            "content-type": "application/json", "traceparent": "00-\(trace)-\(client)-01", "tracestate": "a=1",
        ]
        request.body = .bytes(
            try JSONSerialization.data(withJSONObject: [
                "type": "sms", "from": "+15551230001", "to": "+15559870001",
                "body": "MARKERBODY [simulate:status=429,retry-after=1,times=1]",
            ]))
        // Other tests of the process have a tracer, whose trace a client would put in the place of this one.
        var untraced = HTTPClient.Configuration()
        untraced.tracing.tracer = nil
        let http = HTTPClient(configuration: untraced)
        let status = try? await http.execute(request, timeout: .seconds(30)).status
        try await http.shutdown()
        try #require(status == .accepted)
        try await eventually("both attempts were told") {
            try await spans(at: port).spans.count { $0["trace"] == trace && $0["name"] == "settle sms" } >= 2
        }
        let isTold = try await eventually("the ingress has told, too") {
            try await spans(at: port).spans.count { $0["trace"] == trace } >= 8
        }
        let (all, complaints, text) = try await spans(at: port)
        try #require(isTold, "\(text)\n\(fleet.output)")
        #expect(complaints.isEmpty, "\(complaints)")
        // Nor does it tell of its own posts.
        for marker in Self.markers + [fleet.redis.url, "/v1/traces"] { #expect(!text.contains(marker)) }
        try expectOneWay(all.filter { $0["trace"] == trace }, from: client)
        #expect(worker.process.output.matches(of: try Regex("outcome=[a-z]+ .*trace=\(trace)")).count == 2)
    }

    private func expectOneWay(_ spans: [Span], from client: String) throws {
        func named(_ name: String, _ kind: String) -> [Span] {
            spans.filter { $0["name"] == name && $0["kind"] == kind }.sorted { $0.times.start < $1.times.start }
        }
        let server = try #require(named("POST /api/v1/messages/send", "server").first)
        #expect(server["parent"] == client && server["state"] == "a=1" && server.service == "posthaste-ingress")
        #expect(server.attribute("http.response.status_code") as? Int == 202)
        let enqueue = try #require(named("enqueue sms", "producer").first)
        #expect(enqueue["parent"] == server["span"])
        let attempts = named("process sms", "consumer")
        #expect(attempts.map { $0["parent"] } == [enqueue["span"], enqueue["span"]])
        #expect(attempts.map { $0.attribute("posthaste.outcome") as? String } == ["snooze", "succeeded"])
        #expect(attempts.allSatisfy { $0.attribute("posthaste.provider") as? String == "twilio" })
        #expect(attempts.allSatisfy { $0.service == "posthaste-worker" })
        let sends = named("POST", "client")
        #expect(sends.map { $0["parent"] } == attempts.map { $0["span"] })
        #expect(sends.map { $0.attribute("http.response.status_code") as? Int } == [429, 201])
        #expect(sends.map { $0["status"] } == ["error", "unset"])
        let settlements = named("settle sms", "client")
        #expect(settlements.map { $0["parent"] } == attempts.map { $0["span"] })
        #expect(spans.count == 8, "\(spans.map { $0["name"] })")
        let ids = Dictionary(uniqueKeysWithValues: spans.map { ($0["span"], $0) })
        for span in spans {
            #expect(span.times.start <= span.times.end)
            if let parent = ids[span["parent"]] { #expect(parent.times.start <= span.times.start) }
        }
    }

    /// A collector that is not there.
    @Test func messagesGoOutWithoutACollector() async throws {
        let fleet = try await Fleet(settings: ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(try freePort())"])
        let worker = try await fleet.startWorker(["DRAIN_SECONDS": "5"])
        try await fleet.allSent(try await fleet.sendTexts(20))
        #expect(await worker.process.terminate() == 0)
    }

    @Test(arguments: [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:hunter2@collector"), ("OTEL_TRACES_SAMPLER_ARG", "hunter2"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2"), ("LOG_FORMAT", "hunter2"),
    ])
    func aWrongSettingStopsTheStart(variable: String, value: String) async throws {
        let directory = FileManager.default.temporaryDirectory
        let settings = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "WEBHOOK_SECRET": Fleet.secret]
        let process = try ChildProcess(
            Fleet.executable, ["worker"], environment: settings.merging([variable: value]) { $1 }, directory: directory)
        #expect(await process.wait() != 0)
        #expect(process.output.contains("\(variable): expected") && !process.output.contains("hunter2"))
    }
}
