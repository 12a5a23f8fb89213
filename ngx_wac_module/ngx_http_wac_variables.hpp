// $wac_*: for log_format, limit_req_zone, map and the like.
#pragma once

#include "ngx_cxx.hpp"

ngx_int_t ngx_http_wac_add_variables(ngx_conf_t *cf) noexcept;
