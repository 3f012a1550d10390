-- What the schema requires and the current attempt did not check, as an array of sentences.

ALTER TABLE csv_uploads
    ADD COLUMN unchecked jsonb NOT NULL DEFAULT '[]';
