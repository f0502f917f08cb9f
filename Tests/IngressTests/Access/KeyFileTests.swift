import Foundation
import Logging
import TestSupport
import Testing

@testable import Ingress

@Suite struct KeyFileTests {
    private let path = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID())").path

    private func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path), options: .atomic) }

    @Test(.timeLimit(.minutes(5))) func keysComeAndGoWithoutARestart() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (old, new) = (KeyText.made("old"), KeyText.made("new"))
        try write(old.entry)
        let lines = LogLines()
        let file = try KeyFile(path: path, every: .milliseconds(5), logger: lines.logger)
        #expect(file.keys.ring.keys.map(\.name) == ["old"])
        try await withThrowingTaskGroup { group in
            group.addTask { await file.run() }
            defer { group.cancelAll() }
            try write("\(old.entry)\n\(new.entry)")
            try await eventually("both are taken") { file.keys.ring.keys.map(\.name) == ["old", "new"] }
            try write(new.entry)
            try await eventually("only the new one is taken") { file.keys.ring.keys.map(\.name) == ["new"] }

            // Whatever is wrong with it: nobody is locked out, and nobody let in.
            for (text, told) in [
                ("\(old.entry)\nhunter2", "line 2: expected name:sha256"), ("", "there is no key in it"),
                (nil, "there is no such file"),
            ] {
                if let text { try write(text) } else { try FileManager.default.removeItem(atPath: path) }
                try await eventually("it is told: \(told)") { lines.text.contains(told) }
                #expect(file.keys.ring.keys.map(\.name) == ["new"])
            }
            #expect(!lines.text.contains("hunter2"))
            try write(old.entry)
            try await eventually("it is read again") { file.keys.ring.keys.map(\.name) == ["old"] }
        }
        // A fault is told once, not with every look.
        #expect(lines.text.split(separator: "\n").count { $0.contains("there is no key in it") } == 1)
    }

    @Test func aFileThatIsNotThereStopsTheStart() {
        let error = #expect(throws: KeyFault.self) { _ = try KeyFile(path: path, logger: LogLines().logger) }
        #expect(error?.description == "there is no such file, or it may not be read")
    }

    @Test func neitherDoesOneThatIsNoText() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data([0xC3, 0x28]).write(to: URL(filePath: path))
        #expect(throws: KeyFault.self) { _ = try KeyFile(path: path, logger: LogLines().logger) }
    }
}
