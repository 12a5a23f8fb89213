// Which requests are the module's, and what nginx's own answers to them must
// say.
#pragma once

#include "ngx_cxx.hpp"

/** Precontent phase: takes a request away from its location's own handler if
 *  it carries a request_code (wac_fk), or whatever it is (wac_cloud); every
 *  other goes on to it. */
ngx_int_t ngx_http_wac_precontent_handler(ngx_http_request_t *r) noexcept;

/** Header filter: an answer of nginx itself (a limit, an access rule, a body
 *  too large) to an FK request gets a response_code too, as a terminal that
 *  finds none starts a storm of retries (fk-http.md 1.4). */
ngx_int_t ngx_http_wac_mark_refusal(ngx_http_request_t *r) noexcept;

namespace wac::ngx
{

/** Content handlers, one a dialect. */
ngx_int_t fk_handler(ngx_http_request_t *r) noexcept;
ngx_int_t cloud_handler(ngx_http_request_t *r) noexcept;

} // namespace wac::ngx
