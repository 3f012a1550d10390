-- The rejected rows of a verdict, and the digests of what was validated against what.

ALTER TABLE csv_uploads
    -- How many rows of the current attempt are faulty; NULL if that is not known.
    ADD COLUMN rejected_rows  bigint,
    -- In hexadecimal digits; NULL if the object was not read to its end, or there was no schema.
    ADD COLUMN content_sha256 text,
    ADD COLUMN schema_sha256  text,
    -- A dataset may tolerate faulty rows. NOT VALID: migration 8 checks the rows that are there, without a lock.
    DROP CONSTRAINT valid_has_no_errors,
    ADD CONSTRAINT valid_has_only_errors_of_rejected_rows
        CHECK (status <> 'VALIDATED' OR error_count = 0 OR coalesce(rejected_rows, 0) > 0) NOT VALID,
    ADD CONSTRAINT rejected_rows_have_errors
        CHECK (rejected_rows IS NULL OR rejected_rows BETWEEN 0 AND least(row_count, error_count)) NOT VALID;
