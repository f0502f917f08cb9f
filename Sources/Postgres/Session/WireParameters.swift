import CLibpq

/// The parameters of one statement in the form in which libpq takes them: all bytes in one piece.
struct WireParameters {
    private var bytes: [UInt8] = []
    /// Where each value begins; nil for NULL.
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var types: [Oid] = []

    /// - Throws: ``PostgresError`` `badParameter`.
    init(_ values: [PostgresValue]) throws(PostgresError) {
        for (index, value) in values.enumerated() {
            if let defect = value.defect { throw PostgresError(.badParameter, "$\(index + 1): \(defect)") }
            let start = bytes.count
            value.write(to: &bytes)
            guard let length = Int32(exactly: bytes.count - start) else {
                throw PostgresError(.badParameter, "$\(index + 1) is larger than 2 GiB")
            }
            if case .null = value.content { offsets.append(nil) } else { offsets.append(start) }
            lengths.append(length)
            types.append(value.oid)
        }
        // An empty array has no address, and none is NULL to libpq.
        bytes.append(0)
    }

    struct Pointers {
        let count: Int32
        let types: UnsafePointer<Oid>?
        let values: UnsafePointer<UnsafePointer<CChar>?>?
        let lengths: UnsafePointer<Int32>?
        /// All binary.
        let formats: UnsafePointer<Int32>?
    }

    func withPointers<Result>(_ body: (Pointers) -> Result) -> Result {
        let formats = [Int32](repeating: 1, count: offsets.count)
        return bytes.withUnsafeBytes { bytes in
            let start = bytes.bindMemory(to: CChar.self).baseAddress
            let values: [UnsafePointer<CChar>?] = offsets.map { offset in offset.flatMap { start?.advanced(by: $0) } }
            return types.withUnsafeBufferPointer { types in
                values.withUnsafeBufferPointer { values in
                    lengths.withUnsafeBufferPointer { lengths in
                        formats.withUnsafeBufferPointer { formats in
                            body(
                                Pointers(
                                    count: Int32(clamping: types.count), types: types.baseAddress,
                                    values: values.baseAddress, lengths: lengths.baseAddress,
                                    formats: formats.baseAddress))
                        }
                    }
                }
            }
        }
    }
}
