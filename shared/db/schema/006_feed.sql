-- The live feed: what dashboards see of all terminals, numbered in one order
-- for everybody; the proof of terminals that hold tokens; and what else the
-- dialects type and xml need.

ALTER TABLE wac_commands
    -- the name that a dashboard gave it: any JSON
    ADD request_id text;

-- ---- where the feed comes from ----------------------------------------------

-- Which transaction made a row. Rows of before this migration are of none, and
-- never in the feed.
ALTER TABLE wac_attendance_logs ADD xact xid8 NOT NULL DEFAULT '0';
ALTER TABLE wac_admin_logs ADD xact xid8 NOT NULL DEFAULT '0';
ALTER TABLE wac_telemetry ADD xact xid8 NOT NULL DEFAULT '0';
ALTER TABLE wac_events ADD xact xid8 NOT NULL DEFAULT '0';
ALTER TABLE wac_attendance_logs ALTER xact SET DEFAULT pg_current_xact_id();
ALTER TABLE wac_admin_logs ALTER xact SET DEFAULT pg_current_xact_id();
ALTER TABLE wac_telemetry ALTER xact SET DEFAULT pg_current_xact_id();
ALTER TABLE wac_events ALTER xact SET DEFAULT pg_current_xact_id();
CREATE INDEX wac_attendance_logs_xact ON wac_attendance_logs (xact);
CREATE INDEX wac_admin_logs_xact ON wac_admin_logs (xact);
CREATE INDEX wac_telemetry_xact ON wac_telemetry (xact);
CREATE INDEX wac_events_xact ON wac_events (xact);

-- what else is to be told: a terminal came or went, a command ended
CREATE TABLE wac_feed_notices (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('device_status', 'command_result')),
    sn   text NOT NULL,
    name text NOT NULL, -- the status; the command's trans_id
    at   timestamptz NOT NULL DEFAULT now(),
    xact xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX wac_feed_notices_xact ON wac_feed_notices (xact);

CREATE FUNCTION wac_device_status_notice() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO wac_feed_notices (kind, sn, name)
    VALUES ('device_status', NEW.sn, NEW.status);
    RETURN NULL;
END $$;
CREATE TRIGGER wac_devices_comes AFTER INSERT ON wac_devices
    FOR EACH ROW WHEN (NEW.status = 'online')
    EXECUTE FUNCTION wac_device_status_notice();
CREATE TRIGGER wac_devices_status AFTER UPDATE OF status ON wac_devices
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION wac_device_status_notice();

CREATE FUNCTION wac_command_result_notice() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO wac_feed_notices (kind, sn, name)
    VALUES ('command_result', NEW.sn, NEW.trans_id);
    RETURN NULL;
END $$;
CREATE TRIGGER wac_commands_ends AFTER UPDATE OF trans_status ON wac_commands
    FOR EACH ROW WHEN (OLD.trans_status IN ('queued', 'sent')
                       AND NEW.trans_status NOT IN ('queued', 'sent'))
    EXECUTE FUNCTION wac_command_result_notice();

CREATE VIEW wac_feed_sources AS
    SELECT 'attendance' AS kind, id AS ref, sn, NULL AS name,
           created_at AS at, xact
      FROM wac_attendance_logs
    UNION ALL
    SELECT 'admin_log', id, sn, NULL, received_at, xact FROM wac_admin_logs
    UNION ALL
    SELECT 'telemetry', id, sn, NULL, received_at, xact FROM wac_telemetry
    UNION ALL
    SELECT 'event', id, sn, event_type, received_at, xact FROM wac_events
    UNION ALL
    SELECT kind, id, sn, name, at, xact FROM wac_feed_notices;

-- ---- its order --------------------------------------------------------------

CREATE TABLE wac_feed (
    id   bigint PRIMARY KEY,
    kind text NOT NULL,
    ref  bigint NOT NULL, -- the row of that kind
    sn   text NOT NULL,
    name text,            -- event_type of an event; as in wac_feed_notices
    at   timestamptz NOT NULL
);
CREATE INDEX wac_feed_at ON wac_feed USING brin (at)
    WITH (autosummarize = on);

-- How far it has come: the rows of all transactions before next_xact, but for
-- those that were under way, are in wac_feed.
CREATE TABLE wac_feed_state (
    one       boolean PRIMARY KEY DEFAULT true CHECK (one),
    last_id   bigint NOT NULL DEFAULT 0,
    next_xact xid8 NOT NULL,
    under_way xid8[] NOT NULL
) WITH (fillfactor = 50);
INSERT INTO wac_feed_state (next_xact, under_way)
    SELECT pg_snapshot_xmax(s), ARRAY(SELECT pg_snapshot_xip(s))
      FROM pg_current_snapshot() AS s;

-- Numbers what was committed since the last time: about `most` rows, always
-- whole transactions, so that no row can come to stand before one that
-- somebody has seen. Returns how many, -1 if somebody else is at it. Nothing
-- is waited for: a transaction that stays open is numbered when it ends.
CREATE FUNCTION wac_feed_advance(most integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    done  wac_feed_state;
    seen  pg_snapshot;
    cut   xid8;
    n     integer;
    added integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(8602266024763025268) THEN
        RETURN -1;
    END IF;
    SELECT * INTO done FROM wac_feed_state;
    IF NOT FOUND THEN
        RETURN 0; -- it was not restored with the rest: wac_feed_restart()
    END IF;
    SELECT pg_current_snapshot(), max(xact), count(*) INTO seen, cut, n FROM (
        (SELECT xact FROM wac_feed_sources
          WHERE xact = ANY (done.under_way)
            AND pg_visible_in_snapshot(xact,
                    (SELECT pg_current_snapshot()))
          ORDER BY xact LIMIT most)
        UNION ALL
        (SELECT xact FROM wac_feed_sources
          WHERE xact >= done.next_xact
            AND pg_visible_in_snapshot(xact,
                    (SELECT pg_current_snapshot()))
          ORDER BY xact LIMIT most)
        ORDER BY xact LIMIT most) AS first;
    IF n < most THEN
        cut := NULL; -- there is no more
    END IF;
    IF n > 0 THEN
        INSERT INTO wac_feed (id, kind, ref, sn, name, at)
        SELECT done.last_id + row_number() OVER (ORDER BY xact, kind, ref),
               kind, ref, sn, name, at
          FROM (SELECT * FROM wac_feed_sources
                 WHERE xact = ANY (done.under_way)
                UNION ALL
                SELECT * FROM wac_feed_sources
                 WHERE xact >= done.next_xact
                   AND (cut IS NULL OR xact <= cut)) AS s
         WHERE pg_visible_in_snapshot(xact, seen)
           AND (cut IS NULL OR xact <= cut);
        GET DIAGNOSTICS added = ROW_COUNT;
    ELSE
        added := 0;
    END IF;
    IF cut IS NULL THEN
        done.under_way := ARRAY(SELECT pg_snapshot_xip(seen));
        done.next_xact := pg_snapshot_xmax(seen);
    ELSE
        done.next_xact := greatest(done.next_xact,
                                   (cut::text::bigint + 1)::text::xid8);
        done.under_way := ARRAY(
            SELECT x FROM unnest(done.under_way) AS x WHERE x > cut
            UNION
            SELECT x FROM pg_snapshot_xip(seen) AS x WHERE x < done.next_xact);
    END IF;
    IF added > 0 THEN
        UPDATE wac_feed_state SET last_id = done.last_id + added,
            next_xact = done.next_xact, under_way = done.under_way;
    END IF;
    RETURN added;
END $$;

-- After a dump was restored into another cluster its transactions mean
-- nothing: the feed begins anew, with higher numbers.
CREATE FUNCTION wac_feed_restart() RETURNS void
LANGUAGE sql AS $$
    UPDATE wac_attendance_logs SET xact = '0' WHERE xact > '0';
    UPDATE wac_admin_logs SET xact = '0' WHERE xact > '0';
    UPDATE wac_telemetry SET xact = '0' WHERE xact > '0';
    UPDATE wac_events SET xact = '0' WHERE xact > '0';
    UPDATE wac_feed_notices SET xact = '0' WHERE xact > '0';
    INSERT INTO wac_feed_state (last_id, next_xact, under_way)
    SELECT coalesce((SELECT max(id) FROM wac_feed), 0), pg_snapshot_xmax(s),
           ARRAY(SELECT pg_snapshot_xip(s)) FROM pg_current_snapshot() AS s
    ON CONFLICT (one) DO UPDATE SET next_xact = excluded.next_xact,
        under_way = excluded.under_way;
$$;

-- As the frames of cloud-json.md 6.2 have it; of punches and admin logs what is
-- null is left out.
CREATE VIEW wac_feed_events AS
    SELECT f.id, f.sn,
        CASE f.kind WHEN 'device_status' THEN 'device_status'
                    WHEN 'telemetry' THEN 'telemetry'
                    ELSE 'event' END AS type,
        CASE f.kind WHEN 'device_status' THEN NULL WHEN 'telemetry' THEN NULL
                    WHEN 'event' THEN f.name ELSE f.kind END AS event_type,
        CASE f.kind
            WHEN 'attendance' THEN
                (SELECT json_strip_nulls(json_build_object(
                     'enrollid', a.enrollid,
                     'name', a.name, 'record_time', a.record_time,
                     'record_instant', a.record_instant, 'mode', a.mode,
                     'inout', a."inout", 'event', a.event,
                     'verifymode', a.verifymode, 'method', a.method,
                     'direction', a.direction, 'temperature', a.temperature,
                     'log_id', a.log_id, 'photo_id', a.photo_id,
                     'latitude', a.latitude, 'longitude', a.longitude,
                     'protocol', a.protocol))
                   FROM wac_attendance_logs a WHERE a.id = f.ref)
            WHEN 'telemetry' THEN
                (SELECT t.payload::json FROM wac_telemetry t
                  WHERE t.id = f.ref)
            WHEN 'event' THEN
                (SELECT e.payload::json FROM wac_events e WHERE e.id = f.ref)
            WHEN 'device_status' THEN json_build_object('status', f.name)
            WHEN 'admin_log' THEN
                (SELECT json_strip_nulls(json_build_object(
                     'log_id', l.log_id,
                     'admin_id', l.admin_id, 'user_id', l.user_id,
                     'action', l.action, 'record_time', l.record_time,
                     'record_instant', l.record_instant))
                   FROM wac_admin_logs l WHERE l.id = f.ref)
            WHEN 'command_result' THEN
                (SELECT json_build_object('trans_id', c.trans_id,
                     'cmd_code', c.cmd_code, 'trans_status', c.trans_status,
                     'return_code', c.return_code, 'failure', c.failure,
                     'result', CASE WHEN pg_column_size(c.result) < 65536
                                    THEN c.result END,
                     'records', c.records, 'requested_by', c.requested_by,
                     'id', c.request_id::json)
                   FROM wac_commands c WHERE c.trans_id = f.name)
        END AS payload,
        f.at
      FROM wac_feed f;

-- ---- who listens ------------------------------------------------------------

CREATE TABLE wac_feed_listeners (
    listener     text PRIMARY KEY,
    listens_till timestamptz NOT NULL
);

-- for the next seconds; 0: no more
CREATE FUNCTION wac_feed_listen(who text, seconds integer DEFAULT 15)
RETURNS void LANGUAGE sql AS $$
    DELETE FROM wac_feed_listeners WHERE listens_till < now();
    INSERT INTO wac_feed_listeners
    VALUES (who, now() + make_interval(secs => seconds))
    ON CONFLICT (listener) DO UPDATE SET listens_till = excluded.listens_till;
$$;

-- Rings for those who listen, but not for every batch: who hears it looks
-- again and again for a while. A sequence, because it shows what transactions
-- that have not ended have done.
CREATE SEQUENCE wac_feed_rung;
CREATE FUNCTION wac_feed_ring() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_ms bigint;
BEGIN
    IF EXISTS (SELECT FROM wac_feed_listeners WHERE listens_till > now()) THEN
        now_ms := extract(epoch FROM clock_timestamp()) * 1000;
        IF (SELECT last_value FROM wac_feed_rung)
               NOT BETWEEN now_ms - 20 AND now_ms THEN
            PERFORM setval('wac_feed_rung', now_ms);
            PERFORM pg_notify('wac_feed', '');
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER wac_attendance_logs_rings AFTER INSERT ON wac_attendance_logs
    FOR EACH STATEMENT EXECUTE FUNCTION wac_feed_ring();
CREATE TRIGGER wac_admin_logs_rings AFTER INSERT ON wac_admin_logs
    FOR EACH STATEMENT EXECUTE FUNCTION wac_feed_ring();
CREATE TRIGGER wac_telemetry_rings AFTER INSERT ON wac_telemetry
    FOR EACH STATEMENT EXECUTE FUNCTION wac_feed_ring();
CREATE TRIGGER wac_events_rings AFTER INSERT ON wac_events
    FOR EACH STATEMENT EXECUTE FUNCTION wac_feed_ring();
CREATE TRIGGER wac_feed_notices_rings AFTER INSERT ON wac_feed_notices
    FOR EACH STATEMENT EXECUTE FUNCTION wac_feed_ring();

ALTER TABLE wac_feed ENABLE ROW LEVEL SECURITY;
ALTER TABLE wac_feed_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE wac_feed_notices ENABLE ROW LEVEL SECURITY;
ALTER TABLE wac_feed_listeners ENABLE ROW LEVEL SECURITY;

-- ---- terminals --------------------------------------------------------------

-- logs of terminals that number them: two of one second are two
ALTER TABLE wac_attendance_logs
    DROP CONSTRAINT wac_attendance_logs_once,
    ADD CONSTRAINT wac_attendance_logs_once UNIQUE NULLS NOT DISTINCT
        (sn, enrollid, record_time, mode, "inout", event, log_id);

ALTER TABLE wac_devices
    -- of a token that was handed out and has not been shown yet
    ADD token_offer bytea,
    -- an XML terminal's logs up to this LogID are all here
    ADD log_cursor  bigint;

-- the names that other dialects have for doors, restarts and enrolling
CREATE OR REPLACE FUNCTION wac_command_limits() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    -- terminals do not care how they are spelled
    urgent constant boolean := lower(NEW.cmd_code) IN (
            'open_door', 'lock_door', 'reboot', 'reset', 'enroll_user',
            'reset_fk', 'set_door_status', 'opendoor', 'lockctrl', 'adduser',
            'unlock', 'lock', 'lockcontrol', 'remoteenroll')
        OR NEW.cmd_code = 'SET_COMMAND'
            AND NEW.cmd_param->>'cmd' = 'enter_enroll';
BEGIN
    IF urgent THEN
        NEW.expires_at := least(coalesce(NEW.expires_at,
                                         now() + interval '30 seconds'),
                                now() + interval '120 seconds');
        NEW.max_attempts := 1;
    ELSE
        NEW.expires_at := coalesce(NEW.expires_at,
                                   now() + interval '24 hours');
        NEW.max_attempts := coalesce(NEW.max_attempts, 3);
    END IF;
    RETURN NEW;
END $$;
