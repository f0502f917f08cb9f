import Messaging

/// The document of `POST /api/v1/suppressions`.
struct SuppressionRequest {
    enum Field: String, CaseIterable {
        case kind, address, reason
    }

    private var kind: Suppression.Kind?
    private var address: String?
    private var reason: Suppression.Reason?

    /// Reads the next value of the scanner. A member that is null counts as absent.
    init(_ scanner: inout JSONScanner, reportingTo faults: inout Faults) throws(JSONSyntaxError) {
        try scanner.members(of: Field.self, reportingTo: &faults) {
            (field, scanner, faults) throws(JSONSyntaxError) in
            switch field {
            case .kind: kind = try scanner.choice(at: field.rawValue, reportingTo: &faults)
            case .address: address = try scanner.text(at: field.rawValue, reportingTo: &faults)
            case .reason: reason = try scanner.choice(at: field.rawValue, reportingTo: &faults)
            }
        }
    }

    /// The suppression that is asked for, or nil if anything is wrong with it; everything that is gets reported.
    ///
    /// - Parameter now: Unix milliseconds.
    func suppression(now: Int64, reportingTo faults: inout Faults) -> Suppression? {
        if kind == nil, !faults.concern(Field.kind.rawValue) { faults.add("is required", at: Field.kind.rawValue) }
        if address == nil, !faults.concern(Field.address.rawValue) {
            faults.add("is required", at: Field.address.rawValue)
        }
        if let kind, let address, let detail = kind.fault(in: address) {
            faults.add(detail, at: Field.address.rawValue)
        }
        guard faults.isEmpty, let kind, let address else { return nil }
        return Suppression(address: address, kind: kind, reason: reason ?? .manual, at: now)
    }
}

extension Suppression.Kind {
    /// What is wrong with a text as an address of this kind.
    fileprivate func fault(in address: String) -> String? {
        switch self {
        case .phone: PhoneNumber.fault(in: address)
        case .email: EmailAddress.fault(in: address)
        case .webhook: WebAddress.fault(in: address)
        }
    }
}
