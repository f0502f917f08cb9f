public import Testing

/// Waits until something is so, and fails when it is not within a bound far beyond what it should take.
///
/// - Returns: whether it became so.
@discardableResult
public func eventually(
    _ what: Comment, within bound: Duration = .seconds(90), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws -> Bool {
    let deadline = ContinuousClock.now + bound
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(5))  // allowed: the pause between two looks at a condition
    }
    Issue.record("never came true: \(what)", sourceLocation: sourceLocation)
    return false
}
