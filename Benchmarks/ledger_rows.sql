-- Rows of a ledger as months of sending leave them: :first to :last of :count messages over :weeks weeks. Run beside
-- others for other stretches. All is made of the number of the message by hashes, so that each run makes the same.
--
-- 3 million recipients, most of which hear from one sender of their own; 5,000 senders, the largest with far more than
-- the smallest; one, +15550009999, that sent a twentieth of the first fifth and nothing since; 90 % delivered, 1 %
-- failed; one in 50,000 of the first fifth unknown, and none later.

SET work_mem = '256MB';

CREATE TEMPORARY TABLE drawn AS
WITH numbers AS (
    SELECT i, :start + (i * (:weeks * 604800000::numeric / :count))::bigint AS ms,
        (hashint8extended(i, 1) & 9007199254740991) % 1000000 AS fate,
        (hashint8extended(i, 2) & 9007199254740991) % 3000000 AS reader,
        (hashint8extended(i, 3) & 9007199254740991) % 100 AS dice
    FROM generate_series(:first::bigint, :last::bigint) AS i
), pairs AS (
    SELECT *, CASE
        WHEN i < :count / 5 AND dice >= 95 THEN 9999
        ELSE (power(
            ((hashint8extended(CASE WHEN dice < 10 THEN i ELSE reader END, 4) & 9007199254740991) % 1000000) / 1e6, 2)
            * 5000)::int
        END AS writer
    FROM numbers
)
SELECT i, ms,
    (lpad(to_hex(ms), 12, '0') || '7000' || '8' || substr(md5(i::text), 1, 15))::uuid AS id,
    (CASE WHEN writer % 100 < 70 THEN 'sms' WHEN writer % 100 < 90 THEN 'email' WHEN writer % 100 < 97 THEN 'webhook'
        ELSE 'mms' END)::channel AS channel,
    (CASE WHEN fate < 900000 THEN 'delivered' WHEN fate < 940000 THEN 'sent' WHEN fate < 970000 THEN 'undelivered'
        WHEN fate < 980000 THEN 'failed' WHEN fate < 985000 THEN 'suppressed' WHEN fate < 988000 THEN 'expired'
        WHEN fate < 990000 THEN 'canceled' WHEN fate < 990020 AND i < :count / 5 THEN 'unknown'
        WHEN fate < 995000 THEN 'received' WHEN i > :count - 2000 THEN 'pending' ELSE 'delivered' END
    )::message_status AS status,
    '+1555' || lpad(writer::text, 7, '0') AS ours, '+1666' || lpad(reader::text, 7, '0') AS theirs,
    ((i % (1 << 16)) + (ms << 20)) AS entry, fate
FROM pairs;

INSERT INTO messages (
    id, direction, channel, status, accepted_at, sender, recipient, conversation, content, attempts, sent_at, latest,
    reason, error, result, updated_at)
SELECT id, (CASE WHEN status = 'received' THEN 'inbound' ELSE 'outbound' END)::direction, channel, status,
    to_timestamp(ms / 1000.0), a, b, conversation,
    json_build_object('from', a, 'to', b, 'body', 'Your order ' || i || ' is on its way: ' || md5(i::text)),
    CASE WHEN status IN ('received', 'pending') THEN 0 WHEN fate % 20 = 0 THEN 2 ELSE 1 END,
    CASE WHEN status IN ('sent', 'undelivered', 'delivered') THEN to_timestamp(ms / 1000.0 + 0.3) END,
    entry, CASE WHEN status = 'failed' THEN 'exhausted' END,
    CASE WHEN status IN ('failed', 'unknown') THEN 'no answer from the provider' END,
    CASE WHEN status IN ('sent', 'undelivered', 'delivered')
        THEN json_build_object('provider', 'twilio', 'id', 'SM' || md5(i::text)) END,
    to_timestamp(ms / 1000.0 + 2)
FROM (
    SELECT *, CASE WHEN status = 'received' THEN theirs ELSE ours END AS a,
        CASE WHEN status = 'received' THEN ours ELSE theirs END AS b,
        -- As `Conversation` makes it: a UUID of version 8.
        (substr(hash, 1, 12) || '8' || substr(hash, 14, 3) || translate(substr(hash, 17, 1), '0123456789abcdef',
            '89ab89ab89ab89ab') || substr(hash, 18, 15))::uuid AS conversation
    FROM drawn, LATERAL (
        SELECT encode(sha256(convert_to(channel || E'\n' || ours || E'\n' || theirs, 'UTF8')), 'hex') AS hash
    ) AS hashes
) AS drawn
ORDER BY id;

INSERT INTO attempts (
    message, entry, attempt, deliveries, outcome, status, worker, ended_at, elapsed_ms, error, result)
SELECT id, entry + number, number, 1,
    (CASE WHEN number < attempts THEN 'retrying' WHEN status = 'failed' THEN 'dead'
        WHEN status = 'unknown' THEN 'unknown' WHEN status = 'expired' THEN 'expired' WHEN status IN ('canceled', 'suppressed') THEN 'discarded'
        ELSE 'succeeded' END)::attempt_outcome,
    (CASE WHEN number < attempts THEN 'retrying' WHEN status IN ('delivered', 'undelivered') THEN 'sent'
        ELSE status::text END)::message_status,
    'host-1-4711-ab12cd', to_timestamp(ms / 1000.0 + 0.3 * number), 280,
    CASE WHEN number < attempts OR status IN ('failed', 'unknown') THEN 'no answer from the provider' END,
    CASE WHEN number = attempts AND status IN ('sent', 'undelivered', 'delivered')
        THEN json_build_object('provider', 'twilio', 'id', 'SM' || md5(i::text)) END
FROM (SELECT *, CASE WHEN fate % 20 = 0 THEN 2 ELSE 1 END AS attempts FROM drawn) AS drawn,
    generate_series(1, attempts) AS number
WHERE status NOT IN ('received', 'pending')
ORDER BY id;

INSERT INTO status_events (message, entry, at, type, status, detail, token)
SELECT id, entry + 9, to_timestamp(ms / 1000.0 + 2), 'reported', status,
    json_build_object('provider', 'twilio', 'id', 'SM' || md5(i::text)), md5(i::text)
FROM drawn WHERE status IN ('delivered', 'undelivered')
ORDER BY id;
