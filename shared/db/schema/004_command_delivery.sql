-- How commands get to terminals and their answers back: numbers, classes,
-- answers in parts, large answers on their way into the tables, upkeep.

-- digits only, at most ten: what every firmware of the field echoes
CREATE SEQUENCE wac_trans_id START 1001 MAXVALUE 9999999999;

ALTER TABLE wac_commands
    ALTER trans_id SET DEFAULT nextval('wac_trans_id')::text,
    -- the trigger below knows them
    ALTER expires_at DROP DEFAULT,
    ALTER max_attempts DROP DEFAULT,
    -- cmd_code and cmd_param go to the terminal as they are
    ADD native             boolean NOT NULL DEFAULT false,
    -- why it failed, in words; what the terminal says is return_code
    ADD failure            text,
    -- its answer came when it had already ended
    ADD late_at            timestamptz,
    -- rows of the answer that were looked at so far; those of them that the
    -- tables did not have before, and those that could not be understood
    ADD records            integer NOT NULL DEFAULT 0,
    ADD records_new        integer NOT NULL DEFAULT 0,
    ADD records_invalid    integer NOT NULL DEFAULT 0,
    -- a large answer is acknowledged once it is here, and taken in after
    ADD result_raw         bytea,
    ADD result_received_at timestamptz,
    ADD taken_in_until     timestamptz;
ALTER TABLE wac_commands ALTER result_raw SET STORAGE EXTERNAL;

-- A door must not open an hour late, nor a terminal restart: such commands
-- are given out once, within 120 seconds, whoever queued them. The one place
-- that knows times to live and numbers of attempts.
CREATE FUNCTION wac_command_limits() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    urgent constant boolean := NEW.cmd_code IN (
            'open_door', 'lock_door', 'reboot', 'reset', 'enroll_user',
            'RESET_FK', 'SET_DOOR_STATUS', 'OPEN_DOOR')
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

CREATE TRIGGER wac_commands_limits BEFORE INSERT ON wac_commands
    FOR EACH ROW EXECUTE FUNCTION wac_command_limits();

-- what a poll looks at; also the order in which commands are given out
DROP INDEX wac_commands_waiting;
CREATE INDEX wac_commands_waiting
    ON wac_commands (sn, created_at, length(trans_id), trans_id)
    WHERE trans_status IN ('queued', 'sent');
-- restarts overtake all others
CREATE INDEX wac_commands_restart ON wac_commands (sn)
    WHERE trans_status = 'queued'
      AND cmd_code IN ('RESET_FK', 'reset', 'reboot');
CREATE INDEX wac_commands_expiring ON wac_commands (expires_at)
    WHERE trans_status IN ('queued', 'sent');
CREATE INDEX wac_commands_sent
    ON wac_commands (coalesce(sent_at, '-infinity'))
    WHERE trans_status = 'sent';
CREATE INDEX wac_commands_received ON wac_commands (result_received_at)
    WHERE result_raw IS NOT NULL;
CREATE INDEX wac_commands_created_at ON wac_commands (created_at);
CREATE INDEX wac_commands_sn ON wac_commands (sn, created_at);

-- Any message may come in parts, not only answers. `upto` is the length of
-- all parts to this one; `gap`: a part came that does not follow this one.
ALTER TABLE wac_command_blocks
    ADD request_code text NOT NULL DEFAULT 'send_cmd_result',
    ADD upto         bigint NOT NULL DEFAULT 0,
    ADD gap          boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT wac_command_blocks_pkey,
    ADD PRIMARY KEY (sn, request_code, trans_id, blk_no);
ALTER TABLE wac_command_blocks ALTER body SET STORAGE EXTERNAL;
CREATE INDEX wac_command_blocks_received_at
    ON wac_command_blocks (received_at);

-- Upkeep is done now and then by whichever process comes first: when each
-- part of it was done last.
CREATE TABLE wac_upkeep (
    task   text PRIMARY KEY,
    ran_at timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO wac_upkeep (task) VALUES ('commands'), ('devices');

ALTER TABLE wac_upkeep ENABLE ROW LEVEL SECURITY;
