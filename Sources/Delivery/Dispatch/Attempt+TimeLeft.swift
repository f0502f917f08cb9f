import JobRuntime

extension Attempt {
    /// Why a provider is not given the message; nil: there is time. Of a try that is begun in the last moment nobody
    /// would hear in time what it has come to.
    func fault(ofTimeLeftAt provider: String) -> Fault? {
        guard isOver(after: .seconds(2)) else { return nil }
        return Fault(
            provider: provider, what: "the message's time ends within two seconds",
            remedy: "Send it anew if it still matters.")
    }
}
