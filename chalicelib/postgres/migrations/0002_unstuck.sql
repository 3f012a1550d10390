-- Who moves an upload and why, and what it takes to find those that nobody moves.

ALTER TABLE csv_uploads
    -- Whoever made the last transition, and the reason, if there is more to it than that.
    ADD COLUMN actor       text NOT NULL DEFAULT 'unknown' CHECK (actor <> ''),
    ADD COLUMN reason      text,
    -- Whether an event has announced the version that the present attempt is about; if not, it was found in the bucket.
    ADD COLUMN announced   boolean NOT NULL DEFAULT true,
    -- How often the present version has been started anew without anybody having asked.
    ADD COLUMN restarts    integer NOT NULL DEFAULT 0 CHECK (restarts >= 0),
    -- How often the execution of an attempt had to be started by somebody else than whoever began the attempt.
    ADD COLUMN resumptions integer NOT NULL DEFAULT 0 CHECK (resumptions >= 0),
    ADD COLUMN swept_at    timestamptz;

CREATE INDEX csv_uploads_unsettled ON csv_uploads ((coalesce(swept_at, updated_at)))
    WHERE status IN ('PENDING', 'VALIDATING');

-- Where the sweep through the bucket goes on: behind this key. One row.
CREATE TABLE csv_sweep (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    object_key text COLLATE "C" NOT NULL DEFAULT ''
);
INSERT INTO csv_sweep DEFAULT VALUES;

ALTER TABLE csv_upload_transitions
    ADD COLUMN actor  text,
    ADD COLUMN reason text;

CREATE OR REPLACE FUNCTION csv_upload_record_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO csv_upload_transitions
        (upload_id, attempt, execution_name, from_status, to_status, row_count, error_count, actor, reason)
    VALUES
        (NEW.upload_id, NEW.attempt, NEW.execution_name,
         CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status, NEW.row_count, NEW.error_count,
         NEW.actor, NEW.reason);
    RETURN NULL;
END
$$;

-- Starting the same attempt's execution anew is worth a trace too.
DROP TRIGGER csv_upload_moves ON csv_uploads;
CREATE TRIGGER csv_upload_moves AFTER UPDATE ON csv_uploads
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status
                       OR OLD.attempt IS DISTINCT FROM NEW.attempt
                       OR OLD.resumptions IS DISTINCT FROM NEW.resumptions)
    EXECUTE FUNCTION csv_upload_record_transition();
