/// One field of a form to be sent.
struct FormField: Sendable, Equatable {
    var key: String
    var value: String

    init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}

extension Form {
    static func encode(_ fields: [FormField]) -> String {
        fields.map { "\(escape($0.key))=\(escape($0.value))" }.joined(separator: "&")
    }
}
