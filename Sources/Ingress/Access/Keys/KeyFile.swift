import FoundationEssentials
package import Logging
import NIOPosix
import ServiceLifecycle

/// The file of the API keys (`API_KEYS_FILE`): read again when it has changed, so that keys come and go without a restart.
///
/// One that cannot be read, or has a fault in it, changes nothing: the keys that were there stay, and the log says why.
package struct KeyFile: Service {
    /// Nobody has more keys than fit into it.
    private static let longest = 4 << 20

    private let path: String
    private let interval: Duration
    private let logger: Logger
    private let first: String
    package let keys: APIKeys

    /// Reads the file.
    ///
    /// - Parameter interval: how often it is looked at.
    package init(path: String, every interval: Duration = .seconds(3), logger: Logger) throws(KeyFault) {
        self.path = path
        self.interval = interval
        self.logger = logger
        first = try Self.content(of: path)
        keys = APIKeys(try KeyRing(file: first))
    }

    package func run() async {
        await cancelWhenGracefulShutdown { await self.watch() }
    }

    private func watch() async {
        var last = Result<String, KeyFault>.success(first)
        while (try? await Task.sleep(for: interval)) != nil {
            let found = await read()
            guard found != last else { continue }
            last = found
            take(found)
        }
    }

    private func take(_ found: Result<String, KeyFault>) {
        do throws(KeyFault) {
            let ring = try KeyRing(file: try found.get())
            keys.replace(with: ring)
            logger.notice("API keys read again", metadata: ["file": "\(path)", "keys": "\(ring.keys.count)"])
        } catch {
            logger.error(
                "API keys not read again: those from before are kept",
                metadata: ["file": "\(path)", "fault": "\(error)"])
        }
    }

    /// On a thread that may be kept waiting by a disk.
    private func read() async -> Result<String, KeyFault> {
        let path = path
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                Result { () throws(KeyFault) in try Self.content(of: path) }
            }
        } catch {
            return .failure(KeyFault("it was not read: \(error)"))
        }
    }

    private static func content(of path: String) throws(KeyFault) -> String {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw KeyFault("there is no such file, or it may not be read")
        }
        guard bytes.count <= longest, let text = String(data: bytes, encoding: .utf8) else {
            throw KeyFault("it must be text in UTF-8 of at most 4 MiB")
        }
        return text
    }
}
