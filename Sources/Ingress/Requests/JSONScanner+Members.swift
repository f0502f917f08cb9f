/// Values of a wanted type: what is of another one becomes a fault, and the scanner goes on behind it.
extension JSONScanner {
    /// Whether the next value is of a kind. If not it is passed over and, unless it is null in a place that may be
    /// absent, reported.
    mutating func expect(
        _ kind: Kind, at path: String? = nil, _ element: String? = nil, reportingTo faults: inout Faults
    ) throws(JSONSyntaxError) -> Bool {
        let found = try peek()
        if found == kind { return true }
        try skipValue()
        let detail = "must be \(kind.rawValue), not \(found.rawValue)"
        switch (path, element) {
        case (nil, _): faults.add(detail)
        case (let path?, nil) where found != .null: faults.add(detail, at: path)
        case (_?, nil): break
        case (let path?, let element?): faults.add(detail, at: path, element)
        }
        return false
    }

    /// Reads the string of a member or, with `element`, of an element or member of it.
    mutating func text(
        at path: String, _ element: String? = nil, reportingTo faults: inout Faults
    ) throws(JSONSyntaxError) -> String? {
        guard try expect(.string, at: path, element, reportingTo: &faults) else { return nil }
        let text = try string()
        // Postgres has no U+0000 in its texts, and C has none in its strings.
        guard text.utf8.contains(0) else { return text }
        let detail = "must not contain the character U+0000"
        if let element {
            faults.add(detail, at: path, element)
        } else {
            faults.add(detail, at: path)
        }
        return nil
    }

    mutating func texts(at path: String, reportingTo faults: inout Faults) throws(JSONSyntaxError) -> [String]? {
        guard try expect(.array, at: path, reportingTo: &faults) else { return nil }
        try beginArray()
        var texts: [String] = []
        var index = 0
        while try nextElement() {
            // A faulty element leaves its place, so that the places of those after it are told right.
            texts.append(try text(at: path, String(index), reportingTo: &faults) ?? "")
            index += 1
        }
        return texts
    }

    mutating func textMembers(
        at path: String, reportingTo faults: inout Faults
    ) throws(JSONSyntaxError) -> [String: String]? {
        guard try expect(.object, at: path, reportingTo: &faults) else { return nil }
        try beginObject()
        var members: [String: String] = [:]
        while let name = try nextKey() {
            if members[name] != nil {
                faults.add("must not appear more than once", at: path, name)
            }
            if name.utf8.contains(0) {
                faults.add("must not have the character U+0000 in its name", at: path, name)
            }
            members[name] = try text(at: path, name, reportingTo: &faults) ?? ""
        }
        return members
    }
}
