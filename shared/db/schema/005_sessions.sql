-- Terminals that hold a connection: which process has it, and how a command
-- or a newer connection reaches that process. And the cloud dialect's own.

ALTER TABLE wac_devices
    -- the newest session's number; only it may end the terminal's presence
    ADD session_epoch  bigint NOT NULL DEFAULT 0,
    -- the process that holds it; null: there is none
    ADD session_worker text,
    -- what is special about this terminal (cloud-json.md 2.1, 4.2)
    ADD cloud_options  jsonb
        CHECK (jsonb_typeof(cloud_options) = 'object');

CREATE INDEX wac_devices_session_worker ON wac_devices (session_worker)
    WHERE session_worker IS NOT NULL;
-- terminals spell their serial numbers as they like
CREATE INDEX wac_devices_sn_lower ON wac_devices (lower(sn))
    WHERE protocol = 'cloud';

-- Processes that hold connections. One that has not been heard of for a while
-- is dead, and its terminals are offline.
CREATE TABLE wac_workers (
    worker     text PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE wac_workers ENABLE ROW LEVEL SECURITY;

ALTER TABLE wac_commands
    -- how far a command of several exchanges has got at a terminal that polls
    ADD progress jsonb,
    -- its next exchange waits for the terminal's next poll
    ADD goes_on  boolean NOT NULL DEFAULT false;

-- the names that other dialects have for doors, restarts and enrolling
CREATE OR REPLACE FUNCTION wac_command_limits() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    urgent constant boolean := NEW.cmd_code IN (
            'open_door', 'lock_door', 'reboot', 'reset', 'enroll_user',
            'RESET_FK', 'SET_DOOR_STATUS', 'OPEN_DOOR',
            'opendoor', 'lockctrl', 'adduser')
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

-- Wakes the process that holds the terminal's connection, whichever it is.
-- Terminals that only poll need no waking.
CREATE FUNCTION wac_command_wakes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.trans_status = 'queued' AND EXISTS (SELECT FROM wac_devices
            WHERE sn = NEW.sn AND protocol <> 'fk') THEN
        PERFORM pg_notify('wac_commands', NEW.sn);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER wac_commands_wakes AFTER INSERT ON wac_commands
    FOR EACH ROW EXECUTE FUNCTION wac_command_wakes();
