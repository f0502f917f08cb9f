import Ingress
import Logging
import ServiceLifecycle

extension Settings {
    /// The API keys, and what reads them again.
    struct KeySource {
        let keys: APIKeys
        let services: [any Service]
    }

    /// `API_KEYS` or `API_KEYS_FILE`; nil: none are configured.
    func apiKeys(_ logger: Logger) throws -> KeySource? {
        let (list, file) = (reader.text("API_KEYS"), reader.text("API_KEYS_FILE"))
        guard list == nil || file == nil else {
            throw SettingError(variable: "API_KEYS", expected: "the keys, or API_KEYS_FILE the name of their file")
        }
        if let list {
            do throws(KeyFault) {
                return KeySource(keys: APIKeys(try KeyRing(list: list)), services: [])
            } catch {
                throw SettingError(variable: "API_KEYS", expected: "entries of API keys (\(error))")
            }
        }
        guard let file else { return nil }
        do throws(KeyFault) {
            let file = try KeyFile(path: file, logger: logger)
            return KeySource(keys: file.keys, services: [file])
        } catch {
            throw SettingError(variable: "API_KEYS_FILE", expected: "a file of API keys (\(error))")
        }
    }

    /// Refuses to be open to all, unless nobody but this machine can come.
    func checkOpenness(host: String) throws {
        let how = "posthaste keys new NAME makes one"
        guard environment != .production else {
            throw SettingError(variable: "API_KEYS", expected: "an API key in production, or API_KEYS_FILE (\(how))")
        }
        guard Self.isLoopback(host) else {
            throw SettingError(
                variable: "API_KEYS",
                expected: "an API key, or API_KEYS_FILE, since others can reach API_HOST (\(how)); "
                    + "without a key set API_HOST=127.0.0.1")
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        if ["localhost", "::1"].contains(host.lowercased()) { return true }
        // No name that only begins like an address.
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.dropFirst().allSatisfy { UInt8($0) != nil }
    }
}
