// A request's body as nginx has read it: in memory, in a temporary file, or
// partly in each.
#pragma once

#include "ngx_cxx.hpp"

#include "base/bytes.hpp"

#include <optional>
#include <vector>

namespace wac::ngx
{

/** Has the body read, in one piece where that is possible, before `handler`
 *  is called; for a content handler to return. */
ngx_int_t read_body(ngx_http_request_t *r,
                    ngx_http_client_body_handler_pt handler) noexcept;

/** How long it is; it may have come in chunks. */
off_t body_length(const ngx_http_request_t *r) noexcept;

/** The body as one piece: nginx's own buffer where it is one, else joined in
 *  `storage`. Nothing if a temporary file cannot be read. */
std::optional<Bytes> whole_body(ngx_http_request_t *r,
                                std::vector<unsigned char> &storage);

} // namespace wac::ngx
