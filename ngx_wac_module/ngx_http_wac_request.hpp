// What the module keeps of a request in its pool: who asks for what, and what
// became of it, for the variables and the access log. Plain data: it is read
// after the request's cleanups have run.
#pragma once

#include "ngx_cxx.hpp"
#include "ngx_http_wac_conf.hpp"

#include "codec/fk.hpp"
#include "proto/device.hpp"

#include <type_traits>

typedef struct {
    wac::Protocol protocol;    // fk, cloud
    wac::fk::RequestHead head; // of fk: views of the request's header lines
    ngx_str_t device;          // of cloud: from its body, once that is read
    ngx_str_t request;
    ngx_str_t trans_id; // of the command given out, else what was sent
    ngx_str_t result;   // what the terminal was told
    ngx_uint_t records;
    ngx_msec_int_t commit_ms; // -1: nothing was committed
    bool answered;            // by us, not by nginx itself
    bool secret_line;         // the request line holds a token
} ngx_http_wac_ctx_t;

static_assert(std::is_trivially_destructible_v<ngx_http_wac_ctx_t>);

/** The request's context, made at the first call; null if the request is no
 *  terminal's or memory is exhausted. A terminal's has a request_code in a
 *  location with wac_fk, or is a POST in one with wac_cloud. It survives
 *  internal redirects. */
ngx_http_wac_ctx_t *ngx_http_wac_get_ctx(ngx_http_request_t *r) noexcept;

inline const ngx_http_wac_loc_conf_t *
ngx_http_wac_loc_conf(ngx_http_request_t *r) noexcept
{
    return static_cast<ngx_http_wac_loc_conf_t *>(
        ngx_http_get_module_loc_conf(r, ngx_http_wac_module));
}
