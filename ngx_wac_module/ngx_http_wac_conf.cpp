#include "ngx_http_wac_conf.hpp"

#include "base/time_zone.hpp"
#include "db/conninfo.hpp"
#include "proto/device.hpp"

#include <string>

namespace
{

char *set_database(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) noexcept;
char *set_time_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) noexcept;
char *set_timeout(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) noexcept;

ngx_conf_enum_t enrolments[] = {
    {ngx_string("approve"), static_cast<ngx_uint_t>(wac::Enrolment::approve)},
    {ngx_string("open"), static_cast<ngx_uint_t>(wac::Enrolment::open)},
    {ngx_string("closed"), static_cast<ngx_uint_t>(wac::Enrolment::closed)},
    {ngx_null_string, 0}};

} // namespace

// clang-format off
ngx_command_t ngx_http_wac_commands[] = {

    { ngx_string("wac_database"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      set_database,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      nullptr },

    { ngx_string("wac_fk"),
      NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_wac_loc_conf_t, fk),
      nullptr },

    { ngx_string("wac_cloud"),
      NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_wac_loc_conf_t, cloud),
      nullptr },

    { ngx_string("wac_enrolment"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_wac_loc_conf_t, enrolment),
      &enrolments },

    { ngx_string("wac_time_zone"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      set_time_zone,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      nullptr },

    { ngx_string("wac_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      set_timeout,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_wac_loc_conf_t, timeout),
      nullptr },

      ngx_null_command
};
// clang-format on

namespace
{

ngx_str_t *argument(ngx_conf_t *cf) noexcept
{
    return static_cast<ngx_str_t *>(cf->args->elts) + 1;
}

char *failed() noexcept
{
    return static_cast<char *>(NGX_CONF_ERROR);
}

char *duplicate() noexcept
{
    static char text[] = "is duplicate";
    return text;
}

char *set_database(ngx_conf_t *cf, ngx_command_t *, void *conf) noexcept
{
    auto *wmcf = static_cast<ngx_http_wac_main_conf_t *>(conf);
    if (wmcf->database.data) {
        return duplicate();
    }
    const ngx_str_t value = *argument(cf);
    return wac::ngx::guard(cf->log, failed(), [&]() -> char * {
        const auto conninfo =
            wac::db::parse_conninfo(std::string(wac::ngx::view(value)));
        if (!conninfo) {
            // not the value itself: it may hold a password
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid value in \"wac_database\": %s",
                               conninfo.error().text.c_str());
            return failed();
        }
        wmcf->database = value;
        return NGX_CONF_OK;
    });
}

char *set_time_zone(ngx_conf_t *cf, ngx_command_t *, void *conf) noexcept
{
    auto *wlcf = static_cast<ngx_http_wac_loc_conf_t *>(conf);
    if (wlcf->time_zone.data) {
        return duplicate();
    }
    ngx_str_t value = *argument(cf);
    return wac::ngx::guard(cf->log, failed(), [&]() -> char * {
        if (!wac::is_time_zone(wac::ngx::view(value))) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid value \"%V\": no such time zone",
                               &value);
            return failed();
        }
        wlcf->time_zone = value;
        return NGX_CONF_OK;
    });
}

char *set_timeout(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) noexcept
{
    auto *wlcf = static_cast<ngx_http_wac_loc_conf_t *>(conf);
    char *const result = ngx_conf_set_msec_slot(cf, cmd, conf);
    if (result == NGX_CONF_OK && wlcf->timeout == 0) {
        static char text[] = "must be longer than 0";
        return text;
    }
    return result;
}

ngx_str_t default_zone(ngx_conf_t *cf)
{
    auto *wmcf = static_cast<ngx_http_wac_main_conf_t *>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_wac_module));
    if (!wmcf->local_zone.data) {
        wmcf->local_zone = wac::ngx::copy(cf->pool, wac::local_time_zone());
    }
    return wmcf->local_zone;
}

/** Terminals' header names contain underscores, and nginx reads the switch
 *  from whichever server it takes the request for so far: all servers of an
 *  address must agree. */
void allow_underscores(ngx_conf_t *cf, ngx_http_conf_addr_t *addr) noexcept
{
    auto **servers =
        static_cast<ngx_http_core_srv_conf_t **>(addr->servers.elts);
    bool wanted = false;
    for (ngx_uint_t i = 0; i < addr->servers.nelts; ++i) {
        const auto *wscf = static_cast<ngx_http_wac_srv_conf_t *>(
            servers[i]->ctx->srv_conf[ngx_http_wac_module.ctx_index]);
        wanted = wanted || wscf->fk_used;
    }
    if (!wanted) {
        return;
    }
    // warnings reach the terminal of "nginx -t" wherever the log goes
    const ngx_uint_t level = ngx_test_config ? NGX_LOG_WARN : NGX_LOG_NOTICE;
    for (ngx_uint_t i = 0; i < addr->servers.nelts; ++i) {
        if (servers[i]->underscores_in_headers) {
            continue;
        }
        servers[i]->underscores_in_headers = 1;
        ngx_log_error(level, cf->log, 0,
                      "\"wac_fk\" turned on \"underscores_in_headers\" for "
                      "server \"%V\" on %V",
                      &servers[i]->server_name, &addr->opt.addr_text);
    }
}

} // namespace

void *ngx_http_wac_create_main_conf(ngx_conf_t *cf) noexcept
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_wac_main_conf_t));
}

void *ngx_http_wac_create_srv_conf(ngx_conf_t *cf) noexcept
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_wac_srv_conf_t));
}

void *ngx_http_wac_create_loc_conf(ngx_conf_t *cf) noexcept
{
    auto *wlcf = static_cast<ngx_http_wac_loc_conf_t *>(
        ngx_pcalloc(cf->pool, sizeof(ngx_http_wac_loc_conf_t)));
    if (wlcf) {
        wlcf->fk = NGX_CONF_UNSET;
        wlcf->cloud = NGX_CONF_UNSET;
        wlcf->enrolment = NGX_CONF_UNSET_UINT;
        wlcf->timeout = NGX_CONF_UNSET_MSEC;
    }
    return wlcf;
}

char *ngx_http_wac_merge_loc_conf(ngx_conf_t *cf, void *parent,
                                  void *child) noexcept
{
    auto *prev = static_cast<ngx_http_wac_loc_conf_t *>(parent);
    auto *conf = static_cast<ngx_http_wac_loc_conf_t *>(child);

    ngx_conf_merge_value(conf->fk, prev->fk, 0);
    ngx_conf_merge_value(conf->cloud, prev->cloud, 0);
    ngx_conf_merge_uint_value(conf->enrolment, prev->enrolment,
                              static_cast<ngx_uint_t>(wac::Enrolment::approve));
    ngx_conf_merge_msec_value(conf->timeout, prev->timeout, 5000);

    return wac::ngx::guard(cf->log, failed(), [&]() -> char * {
        if (!conf->time_zone.data) {
            conf->time_zone =
                prev->time_zone.data ? prev->time_zone : default_zone(cf);
        }
        auto *wscf = static_cast<ngx_http_wac_srv_conf_t *>(
            ngx_http_conf_get_module_srv_conf(cf, ngx_http_wac_module));
        wscf->fk_used |= conf->fk;
        wscf->cloud_used |= conf->cloud;
        return NGX_CONF_OK;
    });
}

ngx_int_t ngx_http_wac_check_conf(ngx_conf_t *cf) noexcept
{
    const auto *wmcf = static_cast<ngx_http_wac_main_conf_t *>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_wac_module));
    const auto *cmcf = static_cast<ngx_http_core_main_conf_t *>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));

    auto **servers =
        static_cast<ngx_http_core_srv_conf_t **>(cmcf->servers.elts);
    for (ngx_uint_t i = 0; i < cmcf->servers.nelts; ++i) {
        const auto *wscf = static_cast<ngx_http_wac_srv_conf_t *>(
            servers[i]->ctx->srv_conf[ngx_http_wac_module.ctx_index]);
        if ((wscf->fk_used || wscf->cloud_used) && !wmcf->database.data) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"%s\" requires \"wac_database\" in %s:%ui",
                          wscf->fk_used ? "wac_fk" : "wac_cloud",
                          servers[i]->file_name, servers[i]->line);
            return NGX_ERROR;
        }
    }

    if (!cmcf->ports) {
        return NGX_OK;
    }
    auto *ports = static_cast<ngx_http_conf_port_t *>(cmcf->ports->elts);
    for (ngx_uint_t p = 0; p < cmcf->ports->nelts; ++p) {
        auto *addrs = static_cast<ngx_http_conf_addr_t *>(ports[p].addrs.elts);
        for (ngx_uint_t a = 0; a < ports[p].addrs.nelts; ++a) {
            allow_underscores(cf, &addrs[a]);
        }
    }
    return NGX_OK;
}
