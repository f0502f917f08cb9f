import Testing

/// Whole workers on a live server. One at a time: two cores are soon busy.
@Suite(.serialized) enum WorkerTests {}
