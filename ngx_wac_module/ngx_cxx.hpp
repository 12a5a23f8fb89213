// nginx's headers, included once for all C++ of the module, and the few
// helpers of the seam: strings, and the guard that no exception passes.
#pragma once

extern "C" {
#include <ngx_config.h>

#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>
}

#include <exception>
#include <string_view>

namespace wac::ngx
{

inline std::string_view view(const ngx_str_t &text) noexcept
{
    return {reinterpret_cast<const char *>(text.data), text.len};
}

/** A view of memory that outlives the use as an ngx_str_t. */
inline ngx_str_t str(std::string_view text) noexcept
{
    return {text.size(),
            reinterpret_cast<u_char *>(const_cast<char *>(text.data()))};
}

/** A copy in the pool; data is null if the pool is exhausted. */
inline ngx_str_t copy(ngx_pool_t *pool, std::string_view text) noexcept
{
    ngx_str_t view = str(text);
    return {text.size(), text.empty() ? view.data : ngx_pstrdup(pool, &view)};
}

/** Runs `body`; an exception ends here, is logged, and becomes `fallback`. */
template <typename Value, typename Body>
Value guard(ngx_log_t *log, Value fallback, Body body) noexcept
{
    try {
        return body();
    } catch (const std::exception &e) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "wac: %s", e.what());
        return fallback;
    }
}

} // namespace wac::ngx
