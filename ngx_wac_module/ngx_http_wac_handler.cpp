#include "ngx_http_wac_handler.hpp"

#include "ngx_http_wac_reply.hpp"
#include "ngx_http_wac_request.hpp"

namespace
{

bool is_fk(const ngx_http_wac_ctx_t *ctx) noexcept
{
    return ctx && ctx->protocol == wac::Protocol::fk;
}

} // namespace

// NGX_OK: past try_files and mirror, to the content phase.
ngx_int_t ngx_http_wac_precontent_handler(ngx_http_request_t *r) noexcept
{
    if (r != r->main) {
        return NGX_DECLINED;
    }
    const ngx_http_wac_loc_conf_t *const wlcf = ngx_http_wac_loc_conf(r);
    if (wlcf->fk && is_fk(ngx_http_wac_get_ctx(r))) {
        r->content_handler = wac::ngx::fk_handler;
        return NGX_OK;
    }
    if (wlcf->cloud) {
        r->content_handler = wac::ngx::cloud_handler;
        return NGX_OK;
    }
    return NGX_DECLINED;
}

ngx_int_t ngx_http_wac_mark_refusal(ngx_http_request_t *r) noexcept
{
    if (r != r->main || !r->loc_conf) {
        return NGX_OK;
    }
    const ngx_http_wac_ctx_t *const ctx = ngx_http_wac_get_ctx(r);
    if (!is_fk(ctx) || ctx->answered) {
        return NGX_OK;
    }
    return wac::ngx::push_header(r, "response_code", wac::ngx::str("ERROR"))
               ? NGX_OK
               : NGX_ERROR;
}
