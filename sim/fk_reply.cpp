#include "fk_reply.hpp"

namespace wac::sim
{

Result<fk::Reply> read_reply(const std::string &http, fk::TaskIdHeader header)
{
    auto reply = fk::decode_reply(http);
    if (!reply || reply->cmd_code.empty() || reply->cmd_code == "RESET_FK") {
        return reply;
    }
    const std::string name =
        header == fk::TaskIdHeader::cmd_id ? "cmd_id" : "trans_id";
    const std::string_view head =
        std::string_view(http).substr(0, http.find("\r\n\r\n"));
    if (reply->trans_id.empty() ||
        head.find("\r\n" + name + ':') == head.npos) {
        return failure(ErrorCode::malformed,
                       "the command comes without " + name);
    }
    return reply;
}

} // namespace wac::sim
