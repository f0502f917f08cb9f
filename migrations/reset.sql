-- Takes away all that the ledger has made, and nothing else of the database.
DROP VIEW IF EXISTS ledger_parts;
DROP TABLE IF EXISTS
    messages, payloads, attempts, status_events, conversations, suppressions, webhook_endpoints, rejected_events, ledger_state,
    schema_migrations CASCADE;
DROP FUNCTION IF EXISTS ensure_weeks, first_id, status_since, attempts_since;
DROP TYPE IF EXISTS channel, direction, message_status, attempt_outcome CASCADE;
