// Records inside the answers to commands, as the tables want them: the people
// of a list, punches, one credential with its bytes.
#pragma once

#include "codec/cloud_values.hpp"
#include "codec/json.hpp"
#include "proto/operation.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wac::cloud
{

/** A person of getuserlist, who has an entry for each credential. */
struct ListedPerson {
    std::string enrollid; // "" for nobody
    std::optional<std::int32_t> admin;
    std::vector<std::int32_t> backupnums;
};

/** A page of people. `last` is the last person of the page before, who may
 *  have more entries on this one, and then is that of this page. */
ResultRecords read_people(const json_t *answer, ListedPerson &last);

/** A page of punches. */
ResultRecords read_punches(const json_t *answer, Profile profile);

/** Whose credential an answer carries, and which. */
struct FoundCredential {
    std::string enrollid;
    std::string name;
    std::optional<std::int32_t> admin;
    std::optional<std::int32_t> backupnum;
    bool has_record = false;
};

/** One credential into `records`; what the answer leaves out is as the frame
 *  says. Nothing if it is about nobody. */
std::optional<FoundCredential> read_enrolment(const json_t *answer,
                                              const json_t *frame,
                                              ResultRecords &records);

} // namespace wac::cloud
