import Foundation

extension ChildProcess {
    /// Where the build has put an executable product of this package: beside the bundle of the tests.
    public static func product(_ name: String) -> String {
        var directory = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        while !FileManager.default.isExecutableFile(atPath: directory.appending(path: name).path),
            directory.path != "/"
        {
            directory.deleteLastPathComponent()
        }
        return directory.appending(path: name).path
    }
}
