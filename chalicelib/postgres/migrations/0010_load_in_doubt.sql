-- Loads into another database, of which it is not known whether they were committed.

ALTER TABLE csv_uploads
    -- The verdict and the table of a load that may have been committed; NULL except while it is, or after a crash then.
    ADD COLUMN load_in_doubt jsonb;

-- 55006 is object_in_use: a caller tries again later.
CREATE FUNCTION csv_upload_refuse_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'it is not known yet whether a load of upload % was committed: try again', OLD.upload_id
        USING ERRCODE = '55006';
END
$$;

CREATE TRIGGER csv_upload_waits_for_its_load BEFORE UPDATE ON csv_uploads
    FOR EACH ROW WHEN (OLD.load_in_doubt IS NOT NULL
                       AND NEW.load_in_doubt IS NOT NULL
                       AND (OLD.status, OLD.attempt) IS DISTINCT FROM (NEW.status, NEW.attempt))
    EXECUTE FUNCTION csv_upload_refuse_transition();
