#include "ngx_http_wac_request.hpp"

namespace
{

// marks our entry among the pool's cleanups; there is nothing to clean
void mark(void *) noexcept {}

ngx_http_wac_ctx_t *find_ctx(ngx_http_request_t *r) noexcept
{
    for (ngx_pool_cleanup_t *entry = r->pool->cleanup; entry;
         entry = entry->next) {
        if (entry->handler == mark) {
            return static_cast<ngx_http_wac_ctx_t *>(entry->data);
        }
    }
    return nullptr;
}

wac::fk::RequestHead read_head(ngx_http_request_t *r) noexcept
{
    wac::fk::RequestHead head;
    ngx_list_part_t *part = &r->headers_in.headers.part;
    if (!part->elts) {
        return head; // HTTP/0.9 has no header list
    }
    for (; part; part = part->next) {
        auto *lines = static_cast<ngx_table_elt_t *>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            head.take(wac::ngx::view(lines[i].key),
                      wac::ngx::view(lines[i].value));
        }
    }
    return head;
}

ngx_http_wac_ctx_t *add_ctx(ngx_http_request_t *r,
                            wac::Protocol protocol) noexcept
{
    ngx_pool_cleanup_t *const cleanup =
        ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_wac_ctx_t));
    if (!cleanup) {
        return nullptr;
    }
    cleanup->handler = mark;
    auto *ctx = new (cleanup->data) ngx_http_wac_ctx_t{};
    ctx->protocol = protocol;
    ctx->commit_ms = -1;
    return ctx;
}

ngx_http_wac_ctx_t *make_ctx(ngx_http_request_t *r) noexcept
{
    const ngx_http_wac_loc_conf_t *const wlcf = ngx_http_wac_loc_conf(r);
    if (wlcf->fk) {
        const wac::fk::RequestHead head = read_head(r);
        if (!head.request_code.empty()) {
            ngx_http_wac_ctx_t *const ctx = add_ctx(r, wac::Protocol::fk);
            if (ctx) {
                ctx->head = head;
                ctx->device = wac::ngx::str(head.dev_id);
                ctx->request = wac::ngx::str(head.request_code);
                ctx->trans_id = wac::ngx::str(head.task_id);
            }
            return ctx;
        }
    }
    if (wlcf->cloud && r->method == NGX_HTTP_POST) {
        return add_ctx(r, wac::Protocol::cloud);
    }
    return nullptr;
}

} // namespace

ngx_http_wac_ctx_t *ngx_http_wac_get_ctx(ngx_http_request_t *r) noexcept
{
    r = r->main;
    auto *ctx = static_cast<ngx_http_wac_ctx_t *>(
        ngx_http_get_module_ctx(r, ngx_http_wac_module));
    if (ctx) {
        return ctx;
    }
    ctx = find_ctx(r);
    if (!ctx) {
        ctx = make_ctx(r);
        if (!ctx) {
            return nullptr;
        }
    }
    ngx_http_set_ctx(r, ctx, ngx_http_wac_module);
    return ctx;
}
