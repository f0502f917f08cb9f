extension Setting {
    /// All that there are, in the README's order. A new one belongs here, into the README's table and `.env.example`;
    /// a test compares them, and what the sources read.
    static let all: [Setting] = general + ingress + redis + providers + worker + ledger

    private static let general: [Setting] = [
        .init(name: "ENVIRONMENT", standard: "development"),
        .init(name: "LOG_LEVEL", standard: "info"),
        .init(name: "DEBUG", standard: "false"),
        .init(name: "LOG_FORMAT", standard: "text"),
        .init(name: "OTEL_EXPORTER_OTLP_ENDPOINT", secrecy: .address),
        .init(name: "OTEL_EXPORTER_OTLP_HEADERS", secrecy: .secret),
        .init(name: "OTEL_SERVICE_NAME"),
        .init(name: "OTEL_TRACES_SAMPLER_ARG", standard: "1"),
    ]

    private static let ingress: [Setting] = [
        .init(name: "API_HOST", standard: "127.0.0.1"),
        .init(name: "API_PORT", standard: "8080"),
        .init(name: "API_KEYS", secrecy: .secret),
        .init(name: "API_KEYS_FILE"),
        .init(name: "AUTH_FAILURES_PER_MINUTE", standard: "20"),
        .init(name: "ALLOWED_HOSTS"),
        .init(name: "TRUSTED_PROXIES"),
        .init(name: "RATE_LIMIT_ENABLED", standard: "true"),
        .init(name: "RATE_LIMIT_REQUESTS", standard: "100"),
        .init(name: "RATE_LIMIT_PERIOD", standard: "60"),
        .init(name: "RATE_LIMIT_TIMEOUT_MS", standard: "50"),
        .init(name: "SYNC_MESSAGE_PROCESSING", standard: "false"),
        .init(name: "MAX_WAIT_SECONDS", standard: "30"),
        .init(name: "MAX_BODY_BYTES", standard: "\(28 << 20)"),
        .init(name: "BODY_MEMORY_BYTES", standard: "\(256 << 20)"),
        .init(name: "MAX_CONNECTIONS", standard: "10000"),
        .init(name: "REQUEST_HEAD_TIMEOUT_SECONDS", standard: "10"),
        .init(name: "REQUEST_BODY_TIMEOUT_SECONDS", standard: "30"),
        .init(name: "KEEP_ALIVE_SECONDS", standard: "75"),
        .init(name: "RESPONSE_TIMEOUT_SECONDS", standard: "30"),
        .init(name: "ACCESS_LOG", standard: "json"),
        .init(name: "PUBLIC_URL", secrecy: .address),
    ]

    private static let redis: [Setting] = [
        .init(name: "REDIS_URL", secrecy: .address),
        .init(name: "REDIS_HOST", standard: "127.0.0.1"),
        .init(name: "REDIS_PORT", standard: "6379"),
        .init(name: "REDIS_PASSWORD", secrecy: .secret),
        .init(name: "REDIS_DB", standard: "0"),
        .init(name: "REDIS_KEY_PREFIX"),
    ]

    private static let providers: [Setting] = [
        .init(name: "SMS_PROVIDERS"),
        .init(name: "EMAIL_PROVIDERS"),
        .init(name: "TWILIO_ACCOUNT_SID"),
        .init(name: "TWILIO_AUTH_TOKEN", secrecy: .secret),
        .init(name: "TWILIO_BASE_URL", secrecy: .address, standard: "https://api.twilio.com"),
        .init(name: "TWILIO_SENDER_RATES"),
        .init(name: "VONAGE_API_KEY"),
        .init(name: "VONAGE_API_SECRET", secrecy: .secret),
        .init(name: "VONAGE_BASE_URL", secrecy: .address, standard: "https://rest.nexmo.com"),
        .init(name: "VONAGE_SIGNATURE_SECRET", secrecy: .secret),
        .init(name: "VONAGE_SIGNATURE_METHOD", standard: "sha256"),
        .init(name: "VONAGE_SENDER_RATES"),
        .init(name: "SENDGRID_API_KEY", secrecy: .secret),
        .init(name: "SENDGRID_BASE_URL", secrecy: .address, standard: "https://api.sendgrid.com"),
        .init(name: "SENDGRID_WEBHOOK_PUBLIC_KEY"),
        .init(name: "SENDGRID_SENDER_RATES"),
        .init(name: "SMTP_URL", secrecy: .address),
        .init(name: "SMTP_CONNECTIONS", standard: "10"),
        .init(name: "SMTP_SENDER_RATES"),
        .init(name: "WEBHOOK_SECRET", secrecy: .secret),
        .init(name: "WEBHOOK_ALLOW_CIDRS"),
        .init(name: "INBOUND_WEBHOOK_URL", secrecy: .address),
        .init(name: "INBOUND_TENANTS"),
    ]

    private static let worker: [Setting] = [
        .init(name: "WORKER_CONCURRENCY", standard: "100"),
        .init(name: "WORKER_CONCURRENCY_SMS"),
        .init(name: "WORKER_CONCURRENCY_MMS"),
        .init(name: "WORKER_CONCURRENCY_EMAIL"),
        .init(name: "WORKER_CONCURRENCY_WEBHOOK"),
        .init(name: "WORKER_HOST"),
        .init(name: "WORKER_PORT", standard: "8081-8099"),
        .init(name: "WEDGE_EXIT_SECONDS", standard: "120"),
        .init(name: "LEASE_MS", standard: "30000"),
        .init(name: "JOB_TIMEOUT_SECONDS", standard: "900"),
        .init(name: "DRAIN_SECONDS", standard: "25"),
        .init(name: "MAX_DELIVERIES", standard: "3"),
        .init(name: "DEAD_RETENTION_DAYS"),
        .init(name: "QUEUE_MAX_DEPTH"),
        .init(name: "REDIS_MEMORY_MARK", standard: "90%"),
        .init(name: "JOB_RECORD_TTL", standard: "3600"),
    ]

    private static let ledger: [Setting] = [
        .init(name: "LEDGER_BACKLOG_MARK"),
        .init(name: "LEDGER_ENABLED"),
        .init(name: "DATABASE_URL", secrecy: .address),
        .init(name: "POSTGRES_HOST", standard: "127.0.0.1"),
        .init(name: "POSTGRES_PORT", standard: "5432"),
        .init(name: "POSTGRES_USER", standard: "messaging_user"),
        .init(name: "POSTGRES_PASSWORD", secrecy: .secret),
        .init(name: "POSTGRES_DB", standard: "messaging_service"),
        .init(name: "POSTGRES_SSLMODE", standard: "prefer"),
        .init(name: "POSTGRES_SSLROOTCERT"),
        .init(name: "ENQUEUE_DURABILITY", standard: "redis"),
        .init(name: "ENQUEUE_REPLICAS", standard: "1"),
        .init(name: "ENQUEUE_REPLICATION_TIMEOUT_MS", standard: "1000"),
        .init(name: "AUDIT_INTERVAL_SECONDS", standard: "600"),
        .init(name: "BODY_RETENTION_DAYS"),
        .init(name: "LEDGER_RETENTION_DAYS"),
        .init(name: "OUTBOX_DATABASE_URL", secrecy: .address),
    ]
}
