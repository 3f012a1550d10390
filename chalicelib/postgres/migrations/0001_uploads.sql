-- Uploads, where each of them stands, and every way that they have gone.

CREATE TABLE csv_uploads (
    upload_id      text PRIMARY KEY CHECK (upload_id ~ '^[A-Za-z0-9_-]{1,64}$'),
    owner          text NOT NULL CHECK (owner <> ''),
    filename       text NOT NULL CHECK (filename <> ''),
    bucket         text NOT NULL,
    object_key     text NOT NULL,
    status         text NOT NULL
                   CHECK (status IN ('PENDING', 'VALIDATING', 'VALIDATED', 'VALIDATION_FAILED')),

    -- The present attempt: which version of the object, announced by which event, in which execution.
    attempt        integer NOT NULL DEFAULT 0,
    version_id     text,
    etag           text,
    sequencer      text COLLATE "C",
    execution_name text UNIQUE,

    -- Its verdict.
    row_count      bigint CHECK (row_count >= 0),
    error_count    bigint CHECK (error_count >= 0),
    errors         jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(errors) = 'array'),

    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT pending_is_before_any_attempt CHECK ((status = 'PENDING') = (execution_name IS NULL)),
    CONSTRAINT a_verdict_counts_errors
        CHECK ((status IN ('VALIDATED', 'VALIDATION_FAILED')) = (error_count IS NOT NULL)),
    CONSTRAINT valid_has_no_errors CHECK (status <> 'VALIDATED' OR error_count = 0)
);

COMMENT ON COLUMN csv_uploads.sequencer IS
    'S3''s, in upper case and without trailing zeros, so that text comparison gives the order of events';

-- A trigger writes it, so that no transition can be made without leaving its trace; another keeps it append-only.
CREATE TABLE csv_upload_transitions (
    transition_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    upload_id      text NOT NULL REFERENCES csv_uploads,
    attempt        integer NOT NULL,
    execution_name text,
    from_status    text,
    to_status      text NOT NULL,
    row_count      bigint,
    error_count    bigint,
    occurred_at    timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX csv_upload_transitions_upload ON csv_upload_transitions (upload_id, transition_id);

CREATE FUNCTION csv_upload_record_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO csv_upload_transitions
        (upload_id, attempt, execution_name, from_status, to_status, row_count, error_count)
    VALUES
        (NEW.upload_id, NEW.attempt, NEW.execution_name,
         CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status, NEW.row_count, NEW.error_count);
    RETURN NULL;
END
$$;

CREATE TRIGGER csv_upload_begins AFTER INSERT ON csv_uploads
    FOR EACH ROW EXECUTE FUNCTION csv_upload_record_transition();

CREATE TRIGGER csv_upload_moves AFTER UPDATE ON csv_uploads
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.attempt IS DISTINCT FROM NEW.attempt)
    EXECUTE FUNCTION csv_upload_record_transition();

CREATE FUNCTION csv_upload_keep_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'transitions are only ever added';
END
$$;

CREATE TRIGGER csv_upload_transitions_stay BEFORE UPDATE OR DELETE ON csv_upload_transitions
    FOR EACH STATEMENT EXECUTE FUNCTION csv_upload_keep_transition();
