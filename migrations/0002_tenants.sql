-- Tenants: whose a message is, where several share an installation. Only what has a tenant is indexed by it, so that an
-- installation without tenants pays nothing.
--
-- While the indexes are made nobody else uses the tables. Events wait in Redis.

ALTER TABLE messages ADD COLUMN tenant text COLLATE "C";

-- What a tenant sees, newest first; as `messages_status` for its own. A new part gets them, as all indexes, from its
-- parent.
CREATE INDEX messages_tenant ON messages (tenant, id) WHERE tenant IS NOT NULL;
CREATE INDEX messages_tenant_status ON messages (tenant, status, channel, id) WHERE tenant IS NOT NULL;

ALTER TABLE conversations ADD COLUMN tenant text COLLATE "C";

-- One row for each channel, pair and tenant, where to have none is to have the same. The pair is before the tenant, so
-- that what it says is found whosever it is.
DROP INDEX conversations_pair;
CREATE UNIQUE INDEX conversations_pair ON conversations (channel, md5(low || E'\n' || high), tenant) NULLS NOT DISTINCT;
CREATE INDEX conversations_tenant ON conversations (tenant, channel, last_message) WHERE tenant IS NOT NULL;
