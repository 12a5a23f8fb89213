// The module's configuration as the directives leave it. Plain structs for
// nginx's slot setters; allocated in the configuration's pool.
#pragma once

#include "ngx_cxx.hpp"

/** http: what all servers share. */
typedef struct {
    ngx_str_t database;   // libpq connection string, checked
    ngx_str_t local_zone; // this host's zone, computed at need
} ngx_http_wac_main_conf_t;

/** server: filled while merging. */
typedef struct {
    ngx_flag_t fk_used;    // "wac_fk on" here or in a location
    ngx_flag_t cloud_used; // "wac_cloud on" in a location
} ngx_http_wac_srv_conf_t;

typedef struct {
    ngx_flag_t fk;
    ngx_flag_t cloud;
    ngx_uint_t enrolment; // a wac::Enrolment
    ngx_str_t time_zone;
    ngx_msec_t timeout;
} ngx_http_wac_loc_conf_t;

extern ngx_module_t ngx_http_wac_module;
extern ngx_command_t ngx_http_wac_commands[];

void *ngx_http_wac_create_main_conf(ngx_conf_t *cf) noexcept;
void *ngx_http_wac_create_srv_conf(ngx_conf_t *cf) noexcept;
void *ngx_http_wac_create_loc_conf(ngx_conf_t *cf) noexcept;
char *ngx_http_wac_merge_loc_conf(ngx_conf_t *cf, void *parent,
                                  void *child) noexcept;

/** After all servers are known: refuses wac_fk and wac_cloud without
 *  wac_database, and turns underscores_in_headers on where FK terminals
 *  connect. */
ngx_int_t ngx_http_wac_check_conf(ngx_conf_t *cf) noexcept;
