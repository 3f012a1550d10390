-- Uploads that are registered before their object arrives, and the list of all uploads.

ALTER TABLE csv_uploads
    -- The dataset that the upload was registered for.
    ADD COLUMN schema_name text CHECK (schema_name <> '');

-- The list is newest first; the upload id gives an order to those that began at the same moment.
CREATE INDEX csv_uploads_newest ON csv_uploads (created_at DESC, upload_id DESC);
CREATE INDEX csv_uploads_newest_of_owner ON csv_uploads (owner, created_at DESC, upload_id DESC);
CREATE INDEX csv_uploads_newest_of_status ON csv_uploads (status, created_at DESC, upload_id DESC);
