import Testing

/// What the runtime asks of a store, of both stores: Redis, which is right, and the memory of the process.
@Suite(.timeLimit(.minutes(5))) struct Conformance {}
