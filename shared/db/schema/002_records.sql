-- What terminals report: punches, photos, people, admin logs, telemetry and
-- events, and what could not be understood. No foreign keys: each would lock
-- the device's row at every insert.

CREATE TABLE wac_photos (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sn          text NOT NULL,
    sha256      bytea NOT NULL,
    content     bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (sn, sha256)
);
-- JPEG does not compress further
ALTER TABLE wac_photos ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE wac_attendance_logs (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sn             text NOT NULL,
    enrollid       text NOT NULL,
    name           text,
    record_time    timestamp NOT NULL,
    record_instant timestamptz,
    mode           bigint,
    "inout"        bigint,
    event          bigint,
    verifymode     bigint,
    method         text,
    direction      text,
    temperature    double precision,
    log_id         text,
    photo_id       bigint,
    latitude       double precision,
    longitude      double precision,
    protocol       text NOT NULL,
    raw            jsonb,
    resends        integer NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL DEFAULT now(),
    -- one record, however often and over whatever path it comes
    CONSTRAINT wac_attendance_logs_once UNIQUE NULLS NOT DISTINCT
        (sn, enrollid, record_time, mode, "inout", event)
);

-- rows come roughly in the order of time: ranges of pages find a day, and
-- cost an insert nothing
CREATE INDEX wac_attendance_logs_record_instant
    ON wac_attendance_logs USING brin (record_instant)
    WITH (autosummarize = on);

CREATE TABLE wac_users (
    sn         text NOT NULL,
    enrollid   text NOT NULL,
    name       text,
    privilege  text,
    admin      integer,
    enabled    boolean,
    photo_id   bigint,
    raw        jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sn, enrollid)
);

CREATE TABLE wac_credentials (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sn            text NOT NULL,
    enrollid      text NOT NULL,
    backupnum     integer NOT NULL,
    name          text,
    record        text,
    data          bytea,
    admin         integer,
    privilege     text,
    mapped_usr_id text,
    raw           jsonb,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (sn, enrollid, backupnum)
);

CREATE TABLE wac_admin_logs (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sn             text NOT NULL,
    log_id         text,
    admin_id       text,
    user_id        text,
    action         text,
    record_time    timestamp,
    record_instant timestamptz,
    raw            jsonb,
    resends        integer NOT NULL DEFAULT 0,
    received_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT wac_admin_logs_once UNIQUE NULLS NOT DISTINCT
        (sn, log_id, record_time, admin_id, user_id, action)
);

CREATE TABLE wac_telemetry (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sn          text NOT NULL,
    payload     jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX wac_telemetry_sn ON wac_telemetry (sn, received_at);

CREATE TABLE wac_events (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sn          text NOT NULL,
    event_type  text NOT NULL,
    payload     jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX wac_events_sn ON wac_events (sn, received_at);

CREATE TABLE wac_quarantine (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sn           text NOT NULL,
    protocol     text NOT NULL,
    request      text, -- the message's name in its dialect (request_code, cmd)
    reason       text NOT NULL,
    frame        bytea NOT NULL,
    frame_sha256 bytea NOT NULL GENERATED ALWAYS AS (sha256(frame)) STORED,
    resends      integer NOT NULL DEFAULT 0,
    received_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT wac_quarantine_once UNIQUE NULLS NOT DISTINCT
        (sn, request, frame_sha256)
);
CREATE INDEX wac_quarantine_received_at ON wac_quarantine (received_at);

ALTER TABLE wac_photos ENABLE ROW LEVEL SECURITY;
ALTER TABLE wac_attendance_logs ENABLE ROW LEVEL SECURITY;
ALTER TABLE wac_users ENABLE ROW LEVEL SECURITY;
ALTER TABLE wac_credentials ENABLE ROW LEVEL SECURITY;
ALTER TABLE wac_admin_logs ENABLE ROW LEVEL SECURITY;
ALTER TABLE wac_telemetry ENABLE ROW LEVEL SECURITY;
ALTER TABLE wac_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE wac_quarantine ENABLE ROW LEVEL SECURITY;
