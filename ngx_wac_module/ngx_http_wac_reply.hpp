// Answers to terminals: simple HTTP clients, that want a Content-Length and
// can neither join chunks nor undo a compression.
#pragma once

#include "ngx_cxx.hpp"

namespace wac::ngx
{

/** Adds a response header; `value` must live in the request's pool or for
 *  ever. False if the pool is exhausted, or was while `value` was copied. */
bool push_header(ngx_http_request_t *r, std::string_view name,
                 ngx_str_t value) noexcept;

/** What of a reply is the same in every dialect. `content_type` lives for
 *  ever; `body` is copied. */
struct ReplyContent {
    ngx_uint_t status = NGX_HTTP_OK;
    std::string_view content_type;
    std::string_view body;
};

/** Sends the reply, after its own headers were pushed; what it returns is to
 *  finalize the request with. */
ngx_int_t send_reply(ngx_http_request_t *r,
                     const ReplyContent &content) noexcept;

} // namespace wac::ngx
