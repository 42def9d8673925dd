-- The portal's records as they were last read with their history, so that history is not read again while nothing changed.
CREATE TABLE portal_views (
    entity TEXT NOT NULL,
    id     TEXT NOT NULL,
    body   TEXT NOT NULL,
    PRIMARY KEY (entity, id)
) WITHOUT ROWID;
