-- The outbox of Posthaste, for the database of an application: a message that is inserted here in a transaction is sent
-- if, and only if, the transaction commits. Can be run again.
--
--     INSERT INTO posthaste_outbox (message)
--     VALUES ('{"type": "sms", "from": "+15551234567", "to": "+15559876543", "body": "Thank you"}');
--
-- A row goes when Redis has its message. One whose message is wrong stays, with what is wrong in `error`: mend it and set
-- `error` to NULL, or delete it. The relay needs SELECT, UPDATE and DELETE on the table.

-- A UUID of version 7, whose order is the order of time to the microsecond; the twelve bits after the version are 0.
CREATE OR REPLACE FUNCTION posthaste_outbox_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (
        lpad(to_hex(moment / 1000), 12, '0') || '7000' || to_hex(2048 + moment % 1000)
        || right(replace(gen_random_uuid()::text, '-', ''), 13)
    )::uuid
    FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS moment) AS now
$$;

CREATE TABLE IF NOT EXISTS posthaste_outbox (
    -- Becomes the message's id.
    id uuid PRIMARY KEY DEFAULT posthaste_outbox_id(),
    -- As the body of POST /api/v1/messages/send.
    message jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- When a relay last took it in hand.
    claimed_at timestamptz,
    -- Why it is not sent.
    error text
);

CREATE INDEX IF NOT EXISTS posthaste_outbox_unsent ON posthaste_outbox (id) WHERE error IS NULL;

-- Wakes the relay. Without it the relay looks once a second.
CREATE OR REPLACE FUNCTION posthaste_outbox_wake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY posthaste_outbox;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER posthaste_outbox_wake AFTER INSERT ON posthaste_outbox
    FOR EACH STATEMENT EXECUTE FUNCTION posthaste_outbox_wake();
