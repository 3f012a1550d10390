-- no transaction
-- Earlier uploads of the same content and dataset are found by an index.

ALTER TABLE csv_uploads VALIDATE CONSTRAINT valid_has_only_errors_of_rejected_rows;
ALTER TABLE csv_uploads VALIDATE CONSTRAINT rejected_rows_have_errors;

DROP INDEX CONCURRENTLY IF EXISTS csv_uploads_content;
CREATE INDEX CONCURRENTLY csv_uploads_content ON csv_uploads (content_sha256, validated_schema)
    WHERE content_sha256 IS NOT NULL;
