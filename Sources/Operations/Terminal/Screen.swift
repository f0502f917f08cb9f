#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The whole terminal, on its alternate screen, with keys read as they are pressed. It is as before when this ends,
/// however that comes about.
public struct Screen: ~Copyable {
    private let before: termios

    /// - Returns: nil where input or output is no terminal.
    public init?() {
        var settings = termios()
        guard Terminal.isTerminal(.input), Terminal.isTerminal(.output),
            tcgetattr(Terminal.Stream.input.rawValue, &settings) == 0
        else { return nil }
        before = settings
        // No echo, no waiting for the end of a line, no signals from keys: Ctrl-C is a key like others.
        cfmakeraw(&settings)
        settings.c_oflag |= tcflag_t(OPOST)
        withUnsafeMutableBytes(of: &settings.c_cc) { characters in
            characters[Int(VMIN)] = 0
            characters[Int(VTIME)] = 0
        }
        tcsetattr(Terminal.Stream.input.rawValue, TCSANOW, &settings)
        Terminal.write("\u{1B}[?1049h\u{1B}[?25l")
    }

    deinit {
        Terminal.write("\u{1B}[?25h\u{1B}[?1049l")
        var before = before
        tcsetattr(Terminal.Stream.input.rawValue, TCSANOW, &before)
    }

    /// Puts lines in the place of those that were there.
    public func show(_ lines: [String]) {
        Terminal.write("\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J")
    }

    /// Whether `q` or Ctrl-C has been pressed, or the terminal is gone.
    public func isToQuit() -> Bool {
        var keys = [UInt8](repeating: 0, count: 64)
        let count = read(Terminal.Stream.input.rawValue, &keys, keys.count)
        guard count >= 0 else { return errno != EAGAIN && errno != EINTR }
        return keys.prefix(count).contains { [UInt8(ascii: "q"), UInt8(ascii: "Q"), 3].contains($0) }
    }
}
