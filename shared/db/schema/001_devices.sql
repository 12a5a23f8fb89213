-- Terminals: who they are, whether they are trusted, when they were last heard.

CREATE TABLE wac_devices (
    sn           text PRIMARY KEY,
    protocol     text NOT NULL
                 CHECK (protocol IN ('fk', 'cloud', 'type', 'xml')),
    state        text NOT NULL DEFAULT 'pending'
                 CHECK (state IN ('pending', 'approved', 'blocked')),
    status       text NOT NULL DEFAULT 'offline'
                 CHECK (status IN ('online', 'offline')),
    cpusn        text,
    model        text,
    firmware     text,
    devinfo      jsonb,
    name         text,
    -- the conversion raises an error for a zone that PostgreSQL does not know
    time_zone    text
                 CHECK ((timestamptz 'epoch' AT TIME ZONE time_zone) IS NOT NULL
                        OR time_zone IS NULL),
    -- what this terminal's small io_mode integers mean, as {"0": "in", …}
    io_modes     jsonb,
    token_hash   bytea,
    clock_skew_s double precision,
    last_seen    timestamptz,
    last_addr    inet,
    last_refusal text,
    refusals     bigint NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- bound what strangers can create (see the contact statement)
CREATE INDEX wac_devices_pending ON wac_devices (sn) WHERE state = 'pending';
CREATE INDEX wac_devices_created_at ON wac_devices (created_at);

ALTER TABLE wac_devices ENABLE ROW LEVEL SECURITY;
