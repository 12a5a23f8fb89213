#include "ngx_http_wac_process.hpp"

#include "ngx_http_wac_conf.hpp"

namespace wac::ngx
{

namespace
{

Process *current = nullptr;

} // namespace

ngx_uint_t log_level(LogLevel level) noexcept
{
    switch (level) {
    case LogLevel::debug:
        return NGX_LOG_DEBUG;
    case LogLevel::info:
        return NGX_LOG_INFO;
    case LogLevel::notice:
        return NGX_LOG_NOTICE;
    case LogLevel::warn:
        return NGX_LOG_WARN;
    case LogLevel::error:
        return NGX_LOG_ERR;
    }
    return NGX_LOG_ERR;
}

void CycleLog::write(LogLevel level, std::string_view line) noexcept
{
    ngx_str_t text = str(line);
    ngx_log_error(log_level(level), ngx_cycle->log, 0, "%V", &text);
}

Process *process() noexcept
{
    return current;
}

ngx_int_t init_process(ngx_cycle_t *cycle) noexcept
{
    if (ngx_process != NGX_PROCESS_WORKER &&
        ngx_process != NGX_PROCESS_SINGLE) {
        return NGX_OK;
    }
    const auto *wmcf = static_cast<ngx_http_wac_main_conf_t *>(
        ngx_http_cycle_get_module_main_conf(cycle, ngx_http_wac_module));
    if (!wmcf || !wmcf->database.data) {
        return NGX_OK;
    }
    return guard<ngx_int_t>(cycle->log, NGX_ERROR, [&] {
        auto conninfo = db::parse_conninfo(std::string(view(wmcf->database)));
        if (!conninfo) {
            return NGX_ERROR; // it was checked when configured
        }
        current = new Process(std::move(*conninfo));
        current->store.start(current->intake);
        return NGX_OK;
    });
}

void exit_process(ngx_cycle_t *) noexcept
{
    delete current;
    current = nullptr;
}

} // namespace wac::ngx
