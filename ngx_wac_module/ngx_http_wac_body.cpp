#include "ngx_http_wac_body.hpp"

namespace wac::ngx
{

namespace
{

bool append_from_file(const ngx_buf_t *buf, std::vector<unsigned char> &out)
{
    const auto size = static_cast<std::size_t>(buf->file_last - buf->file_pos);
    const std::size_t at = out.size();
    out.resize(at + size);
    off_t offset = buf->file_pos;
    for (std::size_t done = 0; done < size;) {
        const ssize_t n = ngx_read_file(buf->file, out.data() + at + done,
                                        size - done, offset);
        if (n <= 0) {
            return false;
        }
        done += static_cast<std::size_t>(n);
        offset += n;
    }
    return true;
}

} // namespace

ngx_int_t read_body(ngx_http_request_t *r,
                    ngx_http_client_body_handler_pt handler) noexcept
{
    r->request_body_in_single_buf = 1;
    const ngx_int_t rc = ngx_http_read_client_request_body(r, handler);
    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}

off_t body_length(const ngx_http_request_t *r) noexcept
{
    off_t length = 0;
    if (r->request_body) {
        for (const ngx_chain_t *link = r->request_body->bufs; link;
             link = link->next) {
            length += ngx_buf_size(link->buf);
        }
    }
    return length;
}

std::optional<Bytes> whole_body(ngx_http_request_t *r,
                                std::vector<unsigned char> &storage)
{
    if (!r->request_body || !r->request_body->bufs) {
        return Bytes{};
    }
    const ngx_chain_t *const first = r->request_body->bufs;
    if (!first->next && !first->buf->in_file) {
        return Bytes{first->buf->pos, first->buf->last};
    }
    for (const ngx_chain_t *link = first; link; link = link->next) {
        const ngx_buf_t *const buf = link->buf;
        if (!buf->in_file) {
            storage.insert(storage.end(), buf->pos, buf->last);
        } else if (!append_from_file(buf, storage)) {
            return std::nullopt;
        }
    }
    return Bytes{storage};
}

} // namespace wac::ngx
