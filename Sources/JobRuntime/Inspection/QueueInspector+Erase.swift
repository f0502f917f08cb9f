import Redis

/// What became of the wish to take the texts out of the records of jobs.
public struct TextErasure: Sendable, Equatable {
    /// Finished, and without texts now.
    public var erased: [JobID] = []
    /// They wait or run: their texts are still needed.
    public var unfinished: [JobID] = []
}

extension QueueInspector {
    private static let erasurePage = 500

    /// Takes payload, result, error and reports out of the records of jobs that are finished. Their dead letters are not
    /// touched; see ``DeadLetters/drop(_:_:perSecond:progress:)``. Jobs without a record are in neither list.
    ///
    /// - Parameter isTrial: nothing is taken, only told.
    public func eraseTexts(of jobs: [JobID], isTrial: Bool = false) async throws(StoreError) -> TextErasure {
        var erasure = TextErasure()
        for start in stride(from: 0, to: jobs.count, by: Self.erasurePage) {
            let page = jobs[start..<min(start + Self.erasurePage, jobs.count)]
            var call = ScriptCall(Scripts.erase)
            for job in page { call.key(keys.record(job)) }
            call.flag(isTrial)
            for (job, answer) in zip(page, try await store.run(call).array ?? []) {
                switch answer.string ?? "" {
                case "": break
                case "finished": erasure.erased.append(job)
                default: erasure.unfinished.append(job)
                }
            }
        }
        return erasure
    }
}
