-- no transaction
-- Indexes of the sweep's claims and of the list by owner and status. Each is dropped first, because an interrupted
-- CREATE INDEX CONCURRENTLY leaves an invalid index behind.

-- A sweep claims VALIDATING uploads before PENDING ones. greatest() ignores NULL.
DROP INDEX CONCURRENTLY IF EXISTS csv_uploads_validating;
CREATE INDEX CONCURRENTLY csv_uploads_validating ON csv_uploads (greatest(swept_at, updated_at))
    WHERE status = 'VALIDATING';

-- Registrations that are older than 7 days have expired: no sweep looks at them again.
UPDATE csv_uploads
   SET swept_at = 'infinity'
 WHERE status = 'PENDING' AND updated_at <= now() - interval '7 days' AND swept_at IS DISTINCT FROM 'infinity';

DROP INDEX CONCURRENTLY IF EXISTS csv_uploads_pending;
CREATE INDEX CONCURRENTLY csv_uploads_pending ON csv_uploads (greatest(swept_at, updated_at))
    WHERE status = 'PENDING';

DROP INDEX CONCURRENTLY IF EXISTS csv_uploads_unsettled;

DROP INDEX CONCURRENTLY IF EXISTS csv_uploads_newest_of_owner_and_status;
CREATE INDEX CONCURRENTLY csv_uploads_newest_of_owner_and_status
    ON csv_uploads (owner, status, created_at DESC, upload_id DESC);
