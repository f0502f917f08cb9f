/// What each metric means, for whoever reads it in Prometheus.
public enum MetricHelp {
    public static let texts = [
        "api_request_duration_seconds": "How long requests took, by route, method and status.",
        "job_attempt_duration_seconds": "How long attempts took, by queue, kind and outcome.",
        "job_attempts_running": "Attempts that run now, by queue.",
        "ledger_audit_messages": "What the last audit found, by finding.",
        "ledger_events_rejected_total": "Events that the ledger could not take, and set aside.",
        "ledger_events_total": "Events that the ledger has taken.",
        "outbox_messages_invalid_total": "Messages of the outbox that are not valid.",
        "outbox_messages_total": "Messages taken from the outbox.",
        "rate_limit_hits_total": "Requests refused by a rate limit or a quota.",
        "traces_dropped_total": "Spans that were left out, since the collector did not take them.",
        "rate_limit_unchecked_total": "Requests let in without being counted, since Redis did not answer in time.",
    ]
}
