import Foundation

/// What must not outlive the test process: a server that tests share is never let go by any of them.
enum Leftovers {
    private static let pids = Locked<Set<Int32>>([])
    private static let directories = Locked<Set<URL>>([])
    private static let atExit: Void = {
        _ = atexit {
            for pid in Leftovers.pids.value { _ = kill(pid, SIGKILL) }
            for directory in Leftovers.directories.value { try? FileManager.default.removeItem(at: directory) }
        }
    }()

    static func add(pid: Int32) {
        atExit
        pids.update { _ = $0.insert(pid) }
    }

    static func remove(pid: Int32) { pids.update { _ = $0.remove(pid) } }

    static func add(directory: URL) {
        atExit
        directories.update { _ = $0.insert(directory) }
    }

    static func remove(directory: URL) { directories.update { _ = $0.remove(directory) } }
}
