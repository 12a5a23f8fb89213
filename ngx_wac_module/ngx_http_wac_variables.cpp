#include "ngx_http_wac_variables.hpp"

#include "ngx_http_wac_request.hpp"

namespace
{

enum class Which : uintptr_t {
    protocol,
    device,
    request,
    trans_id,
    result,
    records,
    commit_ms,
};

ngx_int_t get(ngx_http_request_t *r, ngx_http_variable_value_t *v,
              uintptr_t data) noexcept;

constexpr uintptr_t which(Which variable)
{
    return static_cast<uintptr_t>(variable);
}

// clang-format off
ngx_http_variable_t variables[] = {

    { ngx_string("wac_protocol"), nullptr, get,
      which(Which::protocol), NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("wac_device"), nullptr, get,
      which(Which::device), NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("wac_request"), nullptr, get,
      which(Which::request), NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("wac_trans_id"), nullptr, get,
      which(Which::trans_id), NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("wac_result"), nullptr, get,
      which(Which::result), NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("wac_records"), nullptr, get,
      which(Which::records), NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("wac_commit_ms"), nullptr, get,
      which(Which::commit_ms), NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};
// clang-format on

ngx_int_t set_text(ngx_http_variable_value_t *v, std::string_view text) noexcept
{
    v->data = wac::ngx::str(text).data;
    v->len = static_cast<unsigned>(text.size()) & 0xfffffff;
    v->valid = !text.empty();
    v->no_cacheable = 0;
    v->not_found = text.empty();
    return NGX_OK;
}

ngx_int_t set_number(ngx_http_request_t *r, ngx_http_variable_value_t *v,
                     ngx_uint_t number) noexcept
{
    auto *const text =
        static_cast<u_char *>(ngx_pnalloc(r->pool, NGX_INT_T_LEN));
    if (!text) {
        return NGX_ERROR;
    }
    const u_char *const end = ngx_sprintf(text, "%ui", number);
    return set_text(v, {reinterpret_cast<char *>(text),
                        static_cast<std::size_t>(end - text)});
}

ngx_int_t get(ngx_http_request_t *r, ngx_http_variable_value_t *v,
              uintptr_t data) noexcept
{
    const ngx_http_wac_ctx_t *const ctx = ngx_http_wac_get_ctx(r);
    if (!ctx) {
        v->not_found = 1;
        return NGX_OK;
    }
    switch (static_cast<Which>(data)) {
    case Which::protocol:
        return set_text(v, wac::name_of(ctx->protocol));
    case Which::device:
        return set_text(v, wac::ngx::view(ctx->device));
    case Which::request:
        return set_text(v, wac::ngx::view(ctx->request));
    case Which::trans_id:
        return set_text(v, wac::ngx::view(ctx->trans_id));
    case Which::result:
        return set_text(v, wac::ngx::view(ctx->result));
    case Which::records:
        return set_number(r, v, ctx->records);
    case Which::commit_ms:
        if (ctx->commit_ms < 0) {
            return set_text(v, {});
        }
        return set_number(r, v, static_cast<ngx_uint_t>(ctx->commit_ms));
    }
    return NGX_ERROR;
}

} // namespace

ngx_int_t ngx_http_wac_add_variables(ngx_conf_t *cf) noexcept
{
    for (ngx_http_variable_t *v = variables; v->name.len; ++v) {
        ngx_http_variable_t *const variable =
            ngx_http_add_variable(cf, &v->name, v->flags);
        if (!variable) {
            return NGX_ERROR;
        }
        variable->get_handler = v->get_handler;
        variable->data = v->data;
    }
    return NGX_OK;
}
