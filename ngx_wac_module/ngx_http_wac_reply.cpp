#include "ngx_http_wac_reply.hpp"

namespace wac::ngx
{

namespace
{

constexpr std::string_view kIdentity = "identity";

/** An encoding that is named but not sent: the gzip filter then keeps off
 *  whatever gzip_types says. */
bool keep_unencoded(ngx_http_request_t *r) noexcept
{
    auto *header =
        static_cast<ngx_table_elt_t *>(ngx_list_push(&r->headers_out.headers));
    if (!header) {
        return false;
    }
    header->hash = 0;
    header->key = str("Content-Encoding");
    header->value = str(kIdentity);
    r->headers_out.content_encoding = header;
    return true;
}

} // namespace

bool push_header(ngx_http_request_t *r, std::string_view name,
                 ngx_str_t value) noexcept
{
    auto *header =
        static_cast<ngx_table_elt_t *>(ngx_list_push(&r->headers_out.headers));
    if (!header || !value.data) {
        return false;
    }
    header->hash = 1;
    header->key = str(name);
    header->value = value;
    return true;
}

ngx_int_t send_reply(ngx_http_request_t *r,
                     const ReplyContent &content) noexcept
{
    const std::string_view body = content.body;
    r->headers_out.status = content.status;
    r->headers_out.content_type = str(content.content_type);
    r->headers_out.content_type_len = content.content_type.size();
    r->headers_out.content_length_n = static_cast<off_t>(body.size());
    if (!keep_unencoded(r)) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    const ngx_int_t rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    ngx_buf_t *const buf =
        body.empty() ? static_cast<ngx_buf_t *>(ngx_calloc_buf(r->pool))
                     : ngx_create_temp_buf(r->pool, body.size());
    if (!buf) {
        return NGX_ERROR;
    }
    if (!body.empty()) {
        buf->last = ngx_cpymem(buf->pos, body.data(), body.size());
    }
    buf->last_buf = 1;
    buf->last_in_chain = 1;
    ngx_chain_t out{buf, nullptr};
    return ngx_http_output_filter(r, &out);
}

} // namespace wac::ngx
