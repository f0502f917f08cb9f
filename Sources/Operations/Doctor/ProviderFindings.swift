public import Delivery

extension DoctorFinding {
    /// - Parameter variables: the settings that decide it.
    public static func provider(_ name: String, _ standing: ProviderStanding, _ variables: String) -> DoctorFinding {
        switch standing {
        case .good(let what): .ok(name, what)
        case .doubtful(let what):
            .warning(name, what, why: "messages may be refused", mend: "see to the account in the vendor's console")
        case .refused(let what):
            .error(name, what, why: "it would refuse every message", mend: "correct \(variables)")
        case .unreachable(let what):
            .error(
                name, what, why: "messages wait until it can be reached", mend: "check the network and \(variables)")
        }
    }

    public static func unreachable(_ about: String, _ error: String, why: String, mend: String) -> DoctorFinding {
        .error(about, error, why: why, mend: mend)
    }
}
