// FK requests inside nginx: body in, exchange, reply out.
#pragma once

#include "ngx_cxx.hpp"

/** Precontent phase: takes a request with request_code away from its
 *  location's own handler; every other goes on to it. */
ngx_int_t ngx_http_wac_precontent_handler(ngx_http_request_t *r) noexcept;

/** Header filter: an answer of nginx itself (a limit, an access rule, a body
 *  too large) to an FK request gets a response_code too, as a terminal that
 *  finds none starts a storm of retries (fk-http.md 1.4). */
ngx_int_t ngx_http_wac_mark_refusal(ngx_http_request_t *r) noexcept;
