// ngx_http_wac_module: nginx as the cloud of biometric terminals. Tables and
// hooks; the work is in the handler, what is shared with the other programs
// of the project in shared/.

#include "ngx_cxx.hpp"
#include "ngx_http_wac_conf.hpp"
#include "ngx_http_wac_handler.hpp"
#include "ngx_http_wac_process.hpp"
#include "ngx_http_wac_variables.hpp"

static ngx_int_t ngx_http_wac_header_filter(ngx_http_request_t *r) noexcept;
static ngx_int_t ngx_http_wac_init(ngx_conf_t *cf) noexcept;

static ngx_http_output_header_filter_pt ngx_http_next_header_filter;

// clang-format off
static ngx_http_module_t ngx_http_wac_module_ctx = {
    ngx_http_wac_add_variables,            /* preconfiguration */
    ngx_http_wac_init,                     /* postconfiguration */

    ngx_http_wac_create_main_conf,         /* create main configuration */
    nullptr,                               /* init main configuration */

    ngx_http_wac_create_srv_conf,          /* create server configuration */
    nullptr,                               /* merge server configuration */

    ngx_http_wac_create_loc_conf,          /* create location configuration */
    ngx_http_wac_merge_loc_conf            /* merge location configuration */
};

ngx_module_t ngx_http_wac_module = {
    NGX_MODULE_V1,
    &ngx_http_wac_module_ctx,              /* module context */
    ngx_http_wac_commands,                 /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    nullptr,                               /* init master */
    nullptr,                               /* init module */
    wac::ngx::init_process,                /* init process */
    nullptr,                               /* init thread */
    nullptr,                               /* exit thread */
    wac::ngx::exit_process,                /* exit process */
    nullptr,                               /* exit master */
    NGX_MODULE_V1_PADDING
};
// clang-format on

static ngx_int_t ngx_http_wac_header_filter(ngx_http_request_t *r) noexcept
{
    if (ngx_http_wac_mark_refusal(r) != NGX_OK) {
        return NGX_ERROR;
    }
    return ngx_http_next_header_filter(r);
}

static ngx_int_t ngx_http_wac_init(ngx_conf_t *cf) noexcept
{
    if (ngx_http_wac_check_conf(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    auto *cmcf = static_cast<ngx_http_core_main_conf_t *>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    auto *handler = static_cast<ngx_http_handler_pt *>(
        ngx_array_push(&cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers));
    if (!handler) {
        return NGX_ERROR;
    }
    *handler = ngx_http_wac_precontent_handler;

    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_wac_header_filter;
    return NGX_OK;
}
