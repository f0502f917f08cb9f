import Messaging

extension JSONScanner {
    /// Reads an object whose members are those that a type lists, in one pass, and reports everything in it that has no
    /// place there.
    ///
    /// - Parameter read: reads the value of one member.
    mutating func members<Field: RawRepresentable<String> & CaseIterable & Hashable>(
        of _: Field.Type, reportingTo faults: inout Faults,
        read: (Field, inout JSONScanner, inout Faults) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        guard try expect(.object, reportingTo: &faults) else { return }
        try beginObject()
        // Told once: a document made of faults must not make an answer larger than itself.
        var hasToldNames = false
        var seen: Set<Field> = []
        while let name = try nextKey() {
            guard let field = Field(rawValue: name) else {
                let names = hasToldNames ? "" : "; there are " + Field.allCases.map(\.rawValue).joined(separator: ", ")
                faults.add("is no known member" + names, at: name)
                hasToldNames = true
                try skipValue()
                continue
            }
            guard seen.insert(field).inserted else {
                faults.add("must not appear more than once", at: name)
                try skipValue()
                continue
            }
            try read(field, &self, &faults)
        }
    }
}

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

    /// Reads the string of a member as one of the values that a type lists.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        at path: String, reportingTo faults: inout Faults
    ) throws(JSONSyntaxError) -> Choice? {
        guard let text = try text(at: path, reportingTo: &faults) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        faults.add("must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))", at: path)
        return nil
    }

    /// Reads the string of a member as a moment: Unix milliseconds.
    mutating func moment(at path: String, reportingTo faults: inout Faults) throws(JSONSyntaxError) -> Int64? {
        guard let text = try text(at: path, reportingTo: &faults) else { return nil }
        if let moment = RFC3339.unixMilliseconds(text) { return moment }
        faults.add("must be a date and time of RFC 3339, such as 2026-02-28T23:59:59Z", at: path)
        return nil
    }

    /// Reads the boolean of a member; false where it is absent.
    mutating func flag(at path: String, reportingTo faults: inout Faults) throws(JSONSyntaxError) -> Bool {
        guard try expect(.bool, at: path, reportingTo: &faults) else { return false }
        let start = position
        try skipValue()
        return bytes[start] == UInt8(ascii: "t")
    }

    mutating func textMembers(
        at path: String, reportingTo faults: inout Faults
    ) throws(JSONSyntaxError) -> [String: String]? {
        guard try expect(.object, at: path, reportingTo: &faults) else { return nil }
        try beginObject()
        var members: [String: String] = [:]
        while let name = try nextKey() {
            // So many are too many; what more there is of them is of no interest.
            guard members.count <= MessageLimits.metadataMembers else {
                try skipValue()
                continue
            }
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
