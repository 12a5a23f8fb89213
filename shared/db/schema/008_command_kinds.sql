-- Commands that have no answer, or a late one, by whatever name a dialect has
-- for them.

-- the terminal goes, and is back when it is done
CREATE FUNCTION wac_restarts(cmd_code text, cmd_param jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT cmd_code IN ('RESET_FK', 'reset', 'reboot')
        OR cmd_code = 'LockControl' AND coalesce(cmd_param->>'Mode', '') = '5'
$$;

-- somebody has to come to the terminal
CREATE FUNCTION wac_enrols(cmd_code text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT cmd_code IN ('enroll_user', 'adduser', 'RemoteEnroll')
$$;
