import JobRuntime
import Messaging

/// Every key that delivery uses beside the runtime's, built in this one file.
extension KeySpace {
    /// Address → ``Suppression`` as JSON.
    func suppressions(_ kind: Suppression.Kind) -> String { "\(prefix)suppression:\(kind.rawValue)" }

    /// When the owner of an address last said what they want.
    func consent(_ kind: Suppression.Kind, _ address: String) -> String {
        "\(prefix)suppression:\(kind.rawValue):said:\(address)"
    }

    /// When a sender's next message may go, Unix microseconds.
    func throttle(_ provider: String, _ sender: String) -> String { "\(prefix)throttle:\(provider):\(sender)" }

    /// The same of its urgent messages.
    func urgentThrottle(_ provider: String, _ sender: String) -> String {
        "\(prefix)throttle:\(provider):\(sender):high"
    }

    /// The job that a message at a provider is: of two jobs that look alike, each has its own.
    func claim(_ provider: String, _ id: String) -> String { "\(prefix)delivery:claim:\(provider):\(id)" }

    /// The providers that an attempt of a job went to, other than the first alone.
    func trail(_ job: JobID) -> String { "\(prefix)delivery:trail:\(job)" }
}
