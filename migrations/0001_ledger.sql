-- The ledger: what has become of every message, as the events tell it.
--
-- Every row is a function of the set of events that were applied, in whatever order and however often: rows of attempts
-- and status events are kept once by the place of their event in its stream; what a message's row sums up is a least
-- upper bound, or belongs to the event with the highest place.
--
-- Messages and all that hangs on them are parted by week. An id is a UUID of version 7 and begins with its time, so
-- that the id alone says which part holds it, the order of ids is the order of time, and what is too old goes by dropping
-- a part.

CREATE TYPE channel AS ENUM ('sms', 'mms', 'email', 'webhook');

CREATE TYPE direction AS ENUM ('outbound', 'inbound');

-- In the order of rank: of two, the greater counts.
CREATE TYPE message_status AS ENUM (
    'pending', 'sending', 'retrying', 'unknown', 'canceled', 'suppressed', 'expired', 'failed', 'sent', 'undelivered',
    'delivered', 'received'
);

CREATE TYPE attempt_outcome AS ENUM (
    'succeeded', 'retrying', 'snoozed', 'parked', 'dead', 'unknown', 'expired', 'discarded'
);

-- A conversation is all that two addresses have said to each other over one channel, whoever began.
CREATE TABLE conversations (
    -- Made of channel and addresses: nobody has to look for it.
    id uuid PRIMARY KEY,
    channel channel NOT NULL,
    low text COLLATE "C" NOT NULL,
    high text COLLATE "C" NOT NULL,
    first_message uuid NOT NULL,
    last_message uuid NOT NULL,
    CHECK (low <= high),
    CHECK (first_message <= last_message)
);

-- One row a pair. By its hash, since two URLs are longer than an entry of an index may be.
CREATE UNIQUE INDEX conversations_pair ON conversations (channel, md5(low || E'\n' || high));
CREATE INDEX conversations_recent ON conversations (channel, last_message);
CREATE INDEX conversations_low ON conversations (low, last_message);
CREATE INDEX conversations_high ON conversations (high, last_message);

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    direction direction NOT NULL DEFAULT 'outbound',
    -- Null, as all that the acceptance brings, while only later events have come.
    channel channel,
    status message_status NOT NULL,
    accepted_at timestamptz,
    sender text COLLATE "C",
    recipient text COLLATE "C",
    conversation uuid,
    -- The message as it was accepted, without the contents of files. Null when it was redacted.
    content json,
    priority text CHECK (priority IN ('high', 'low')),
    scheduled_at timestamptz,
    -- How many attempts have been spent or are running, as far as events have told.
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    sent_at timestamptz,
    -- What the latest attempt or decision has come to, and which event told it.
    latest bigint,
    reason text,
    error text,
    result json,
    next_attempt_at timestamptz,
    -- The latest event that put it back into its queue as a first attempt: what was before counts no more.
    redriven bigint,
    -- Its dead letter was thrown away.
    dropped_at timestamptz,
    -- Since when an address or a text of it is gone for good.
    redacted_at timestamptz,
    updated_at timestamptz NOT NULL,
    CHECK ((direction = 'inbound') = (status = 'received')),
    CHECK (num_nulls(accepted_at, channel, sender, recipient, conversation) = 0 OR accepted_at IS NULL),
    CHECK (accepted_at IS NULL OR (content IS NULL) = (redacted_at IS NOT NULL)),
    CHECK (sent_at IS NULL OR status >= 'sent')
) PARTITION BY RANGE (id);

-- The channel between them costs no room, and lets what is of one channel be listed and counted by this index alone.
CREATE INDEX messages_status ON messages (status, channel, id);
CREATE INDEX messages_recipient ON messages (recipient, id);
CREATE INDEX messages_sender ON messages (sender, id);
CREATE INDEX messages_conversation ON messages (conversation, id);

-- The whole of messages whose content lacks the contents of files, as long as they may have to be enqueued again.
CREATE TABLE payloads (
    message uuid PRIMARY KEY,
    payload json NOT NULL
);

-- One row each time that a worker has ended a delivery of a message's job.
CREATE TABLE attempts (
    message uuid NOT NULL,
    -- The place of the event in its stream: milliseconds << 20 | sequence.
    entry bigint NOT NULL,
    -- From 1; what was put off without having failed has the number of the next one.
    attempt integer NOT NULL CHECK (attempt >= 0),
    deliveries integer NOT NULL CHECK (deliveries > 0),
    outcome attempt_outcome NOT NULL,
    -- What the message is by it.
    status message_status NOT NULL,
    worker text,
    ended_at timestamptz NOT NULL,
    elapsed_ms bigint CHECK (elapsed_ms >= 0),
    next_attempt_at timestamptz,
    reason text,
    error text,
    result json,
    PRIMARY KEY (message, entry)
) PARTITION BY RANGE (message);

-- What else has happened to a message: what its provider told, what a person decided.
CREATE TABLE status_events (
    message uuid NOT NULL,
    entry bigint NOT NULL,
    at timestamptz NOT NULL,
    -- canceled, redriven, restored, dropped, reported …, and an ending that no attempt brought about
    type text NOT NULL,
    -- What the message is by it, where it says.
    status message_status,
    reason text,
    error text,
    detail json,
    -- Of two reports of a message with one token, the second is a repetition.
    token text,
    PRIMARY KEY (message, entry)
) PARTITION BY RANGE (message);

-- A copy of the list that the workers keep in Redis, so that the loss of a Redis loses nobody's wish to be left alone.
CREATE TABLE suppressions (
    kind text NOT NULL CHECK (kind IN ('phone', 'email', 'webhook')),
    address text COLLATE "C" NOT NULL,
    -- Whether it is on the list; an address that was taken off stays here, since the order of the events is not known.
    is_suppressed boolean NOT NULL,
    reason text,
    said_at timestamptz NOT NULL,
    entry bigint NOT NULL,
    PRIMARY KEY (kind, address),
    CHECK (is_suppressed = (reason IS NOT NULL))
);

-- The endpoints that webhooks went to, and how they fare.
CREATE TABLE webhook_endpoints (
    url text COLLATE "C" PRIMARY KEY,
    first_message uuid NOT NULL,
    last_message uuid NOT NULL,
    last_succeeded_at timestamptz,
    last_failed_at timestamptz,
    last_failure bigint,
    last_error text,
    CHECK (first_message <= last_message)
);

-- Events that could not be applied, and why: set aside so that they hold up nothing.
CREATE TABLE rejected_events (
    entry bigint PRIMARY KEY,
    -- The message that it tells of: its row lacks what the event says.
    message uuid,
    at timestamptz NOT NULL DEFAULT now(),
    reason text NOT NULL,
    sql_state text,
    fields json NOT NULL
);

-- What the ledger's own housekeeping has to remember.
CREATE TABLE ledger_state (
    name text PRIMARY KEY,
    value text NOT NULL
);

-- The first id of a moment, Unix milliseconds.
CREATE FUNCTION first_id(moment bigint) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT (lpad(to_hex(moment), 12, '0') || '00000000000000000000')::uuid
$$;

-- Makes the parts of the weeks that these moments, Unix milliseconds, lie in. A part begins on a Monday (1970-01-05 was
-- one), 00:00 UTC. Attached rather than made in place: that does not wait for who reads or writes the other parts.
CREATE FUNCTION ensure_weeks(moments bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    week CONSTANT bigint := 604800000;
    monday CONSTANT bigint := 345600000;
    start bigint;
    parent text;
    part text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('posthaste ledger parts'));
    FOR start IN
        SELECT DISTINCT monday + floor((moment - monday)::numeric / week)::bigint * week FROM unnest(moments) AS moment
        ORDER BY 1
    LOOP
        FOREACH parent IN ARRAY ARRAY['messages', 'attempts', 'status_events'] LOOP
            part := parent || to_char(to_timestamp(start / 1000) AT TIME ZONE 'UTC', '"_"YYYY"_"MM"_"DD');
            CONTINUE WHEN EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass(part));
            -- One that was detached, and not dropped, is taken back.
            IF to_regclass(part) IS NULL THEN
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
            END IF;
            EXECUTE format(
                'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, part,
                first_id(greatest(start, 0)), first_id(start + week));
        END LOOP;
    END LOOP;
END
$$;

-- The parts of a table, with the moments that they hold, Unix milliseconds; the second one not included.
CREATE VIEW ledger_parts AS
SELECT parent.relname AS parent, part.relname AS part,
    ('x' || translate(substr(bounds[1], 1, 13), '-', ''))::bit(48)::bigint AS starts_at,
    ('x' || translate(substr(bounds[2], 1, 13), '-', ''))::bit(48)::bigint AS ends_at
FROM pg_inherits
    JOIN pg_class AS parent ON parent.oid = inhparent
    JOIN pg_class AS part ON part.oid = inhrelid,
    regexp_match(pg_get_expr(part.relpartbound, part.oid), '''(.*?)''.*''(.*?)''') AS bounds
WHERE parent.relname IN ('messages', 'attempts', 'status_events') AND parent.relnamespace = current_schema()::regnamespace;

-- What a message is that was put back into its queue at `since`: what came before that counts no more, but for what can
-- only be true of one that was sent. Volatile, so that it sees what was committed while its caller waited for the
-- message's row.
CREATE FUNCTION status_since(subject uuid, since bigint) RETURNS message_status LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(max(status), 'pending') FROM (
        SELECT entry, status FROM attempts WHERE message = subject
        UNION ALL
        SELECT entry, status FROM status_events WHERE message = subject
    ) AS news
    WHERE entry >= since OR status >= 'sent'
$$;

-- How many attempts there have been since then.
CREATE FUNCTION attempts_since(subject uuid, since bigint) RETURNS integer LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(max(CASE WHEN outcome IN ('snoozed', 'parked') THEN attempt - 1 ELSE attempt END), 0)
    FROM attempts
    WHERE message = subject AND entry >= since
$$;
