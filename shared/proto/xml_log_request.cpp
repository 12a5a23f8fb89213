#include "proto/xml_log_request.hpp"

#include "proto/xml_command_answer.hpp"
#include "proto/xml_fields.hpp"
#include "proto/xml_operations.hpp"

#include <algorithm>

namespace wac::xml
{

Request log_count_request()
{
    return {"GetGlogPosInfo", {}};
}

std::int64_t log_count_in(const Message &answer)
{
    constexpr std::int64_t kMost = 1000000; // twice what terminals hold
    const auto count = number_of(answer.value("LogCount"));
    return verdict_of(answer).done ? std::min(count.value_or(0), kMost) : 0;
}

Request log_request(std::int64_t position, bool first)
{
    Request request{first ? "GetFirstGlog" : "GetNextGlog", {}};
    request.add("BeginLogPos", position);
    return request;
}

std::optional<std::int64_t> log_number_in(const Message &answer)
{
    return verdict_of(answer).done ? log_number_of(answer) : std::nullopt;
}

} // namespace wac::xml
