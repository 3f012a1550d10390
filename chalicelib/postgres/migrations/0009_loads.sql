-- What the current attempt loaded, and the order in which versions arrived.

CREATE SEQUENCE csv_upload_arrivals;

ALTER TABLE csv_uploads
    -- Orders the versions of all uploads by when Assay first saw them; a restart or a replay keeps it.
    ADD COLUMN arrival      bigint,
    -- How many rows the current attempt loaded, and into which table; NULL if its dataset asks for no load.
    ADD COLUMN loaded_rows  bigint CHECK (loaded_rows >= 0),
    ADD COLUMN loaded_table text;
