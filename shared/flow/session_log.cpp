#include "flow/session_log.hpp"

namespace wac
{

void write_session_note(SessionContext &context, LogLevel level,
                        const std::string &text) noexcept
{
    if (level != LogLevel::debug &&
        !context.warnings.pass(context.loop.now_ms())) {
        return;
    }
    if (const auto held_back = context.warnings.take_held_back()) {
        context.log.write(LogLevel::warn, "wac: " + std::to_string(held_back) +
                                              " lines were held back");
    }
    context.log.write(level, "wac: " + text);
}

void write_device_note(SessionContext &context, std::string_view sn,
                       LogLevel level, const std::string &text) noexcept
{
    write_session_note(context, level,
                       "device " + std::string(sn.empty() ? "-" : sn) + ", " +
                           text);
}

} // namespace wac
