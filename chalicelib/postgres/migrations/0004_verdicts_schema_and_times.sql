-- The schema of each verdict, and times that never go backwards within an upload.

ALTER TABLE csv_uploads
    -- The schema against which the current attempt was validated; NULL while it has no verdict.
    ADD COLUMN validated_schema text;

-- A transition has the time of its statement, not that of the start of its transaction: two transactions may start in
-- one order and move the upload in the other. The statements that move an upload keep updated_at from going backwards.
CREATE OR REPLACE FUNCTION csv_upload_record_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO csv_upload_transitions
        (upload_id, attempt, execution_name, from_status, to_status, row_count, error_count, actor, reason, occurred_at)
    VALUES
        (NEW.upload_id, NEW.attempt, NEW.execution_name,
         CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status, NEW.row_count, NEW.error_count,
         NEW.actor, NEW.reason, NEW.updated_at);
    RETURN NULL;
END
$$;
