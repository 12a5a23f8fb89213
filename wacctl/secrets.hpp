// What of a command's JSON people may see on their screens: parameters and
// results carry passwords, cards, templates and photos. Programs that ask for
// --json get all of it.
#pragma once

#include "codec/json.hpp"

namespace wac::ctl
{

/** A copy in which "(hidden)" stands for every secret: what is under a name
 *  such as record, password or card, all of "credentials" but its backupnum,
 *  and every text too long for anything but a template or a photo. "BIN_1"
 *  and the like stay: they only name a binary. */
Json without_secrets(const json_t *value);

} // namespace wac::ctl
