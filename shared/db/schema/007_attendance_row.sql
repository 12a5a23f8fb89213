-- A punch on its way into wac_attendance_logs: what the statements that store
-- many at once take as one parameter. Not a table's, and never stored.

CREATE TYPE wac_attendance_row AS (
    n           integer,     -- what the statement knows it by
    copies      integer,     -- further ones of it came; -1: it is one of them
    sn          text,
    protocol    text,
    zone        text,        -- of a device without its own; null: the database's
    enrollid    text,
    name        text,
    record_time timestamp,
    instant     timestamptz, -- if the terminal says so
    mode        bigint,
    "inout"     bigint,
    event       bigint,
    verifymode  bigint,
    method      text,
    direction   text,
    m50_method  text,        -- method, if the device is one of those
    temperature double precision,
    photo       bytea,       -- its SHA-256
    log_id      text,
    latitude    double precision,
    longitude   double precision,
    raw         text         -- JSON
);
