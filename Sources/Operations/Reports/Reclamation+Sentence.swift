public import JobRuntime

extension Reclamation {
    public var sentence: String {
        if handedBack + lost == 0 {
            return "\(queue): there was nothing to take over; a worker counts as silent 15 s after its last heartbeat"
        }
        var text = "\(queue): \(handedBack) of \(consumers.joined(separator: ", ")) can be taken at once"
        if lost > 0 { text += "; \(lost) had been deleted from the stream and are lost" }
        return text
    }
}
