import Foundation

/// What the kernel knows of processes that are not our own children.
enum ProcessTable {
    static func children(of parent: Int32) -> [Int32] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { Int32($0) }.filter { facts(of: $0)?.parent == parent }
    }

    /// Not when it is over and only its parent has not looked yet.
    static func isAlive(_ pid: Int32) -> Bool { facts(of: pid).map { $0.state != "Z" } ?? false }

    private static func facts(of pid: Int32) -> (state: Substring, parent: Int32)? {
        guard let line = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            // The name, in brackets, may hold anything.
            let name = line.lastIndex(of: ")")
        else { return nil }
        let words = line[name...].split(separator: " ")
        guard words.count > 2, let parent = Int32(words[2]) else { return nil }
        return (words[1], parent)
    }
}
