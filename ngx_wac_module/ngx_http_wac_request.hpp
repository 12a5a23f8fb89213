// What the module keeps of a request in its pool: the protocol's headers, and
// what became of it, for the variables and the access log. Plain data: it is
// read after the request's cleanups have run.
#pragma once

#include "ngx_cxx.hpp"
#include "ngx_http_wac_conf.hpp"

#include "codec/fk.hpp"

#include <type_traits>

typedef struct {
    wac::fk::RequestHead head; // views of the request's header lines
    ngx_str_t result;          // response_code that was sent
    ngx_str_t trans_id;        // of the command that was given out
    ngx_uint_t records;
    ngx_msec_int_t commit_ms; // -1: nothing was committed
    bool answered;            // by us, not by nginx itself
} ngx_http_wac_ctx_t;

static_assert(std::is_trivially_destructible_v<ngx_http_wac_ctx_t>);

/** The request's context, made at the first call; null if the request has no
 *  request_code, its location has no wac_fk, or memory is exhausted. It
 *  survives internal redirects. */
ngx_http_wac_ctx_t *ngx_http_wac_get_ctx(ngx_http_request_t *r) noexcept;

inline const ngx_http_wac_loc_conf_t *
ngx_http_wac_loc_conf(ngx_http_request_t *r) noexcept
{
    return static_cast<ngx_http_wac_loc_conf_t *>(
        ngx_http_get_module_loc_conf(r, ngx_http_wac_module));
}
