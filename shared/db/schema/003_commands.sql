-- Commands on their way to terminals, parts of their answers, and the tokens
-- of people and programs that may give them.

CREATE TABLE wac_commands (
    trans_id                 text PRIMARY KEY
                             CHECK (trans_id ~ '^[0-9]{1,16}$'),
    sn                       text NOT NULL,
    cmd_code                 text NOT NULL,
    cmd_param                jsonb,
    cmd_bin                  bytea[],
    trans_status             text NOT NULL DEFAULT 'queued'
                             CHECK (trans_status IN
                                 ('queued', 'sent', 'succeeded', 'failed',
                                  'cancelled', 'expired')),
    return_code              text,
    result                   jsonb,
    result_bin               bytea[],
    attempts                 integer NOT NULL DEFAULT 0,
    max_attempts             integer NOT NULL DEFAULT 3,
    expires_at               timestamptz NOT NULL DEFAULT now() + '24 hours',
    idempotency_key          text UNIQUE,
    requested_by             text,
    created_at               timestamptz NOT NULL DEFAULT now(),
    sent_at                  timestamptz,
    trans_status_update_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX wac_commands_waiting ON wac_commands (sn, created_at)
    WHERE trans_status IN ('queued', 'sent');

CREATE TABLE wac_command_blocks (
    trans_id    text NOT NULL,
    sn          text NOT NULL,
    blk_no      integer NOT NULL,
    body        bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sn, trans_id, blk_no)
);

CREATE TABLE wac_api_tokens (
    name         text PRIMARY KEY,
    token_hash   bytea NOT NULL UNIQUE,
    role         text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    last_used_at timestamptz
);

ALTER TABLE wac_commands ENABLE ROW LEVEL SECURITY;
ALTER TABLE wac_command_blocks ENABLE ROW LEVEL SECURITY;
ALTER TABLE wac_api_tokens ENABLE ROW LEVEL SECURITY;
