/// A text in C's form, for as long as this lives.
final class CText {
    private let buffer: UnsafeMutableBufferPointer<CChar>

    init(_ text: String) {
        buffer = .allocate(capacity: text.utf8.count + 1)
        _ = buffer.initialize(fromContentsOf: text.utf8CString)
    }

    deinit { buffer.deallocate() }

    var pointer: UnsafePointer<CChar>? { UnsafePointer(buffer.baseAddress) }
}
