#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The terminal, or the lack of one, that a command talks to.
public enum Terminal {
    public enum Stream: Int32, Sendable { case input, output, error }

    public static func isTerminal(_ stream: Stream) -> Bool { isatty(stream.rawValue) == 1 }

    /// Colours where output goes to a terminal, unless NO_COLOR says no (https://no-color.org).
    public static var palette: Palette {
        Palette(hasColours: isTerminal(.output) && variable("NO_COLOR").isEmpty && variable("TERM") != "dumb")
    }

    /// Columns and lines; nil where output goes to no terminal.
    public static var size: (width: Int, height: Int)? {
        var size = winsize()
        guard isTerminal(.output), ioctl(Stream.output.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
        else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Writes at once, whatever is at the other end.
    ///
    /// - Returns: false when nobody reads any more.
    @discardableResult
    public static func write(_ text: String, to stream: Stream = .output) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { buffer in
                #if canImport(Glibc)
                    Glibc.write(stream.rawValue, buffer.baseAddress, buffer.count)
                #elseif canImport(Musl)
                    Musl.write(stream.rawValue, buffer.baseAddress, buffer.count)
                #else
                    Darwin.write(stream.rawValue, buffer.baseAddress, buffer.count)
                #endif
            }
            guard count >= 0 || errno == EINTR || errno == EAGAIN else { return false }
            bytes = bytes.dropFirst(max(0, count))
        }
        return true
    }

    private static func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
}
