#include "server.hpp"

#include "base/text.hpp"
#include "bearer_token.hpp"
#include "peer_address.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace wac::worker
{

namespace
{

// libpq, the log, epoll, the socket itself, and what libraries open
constexpr std::size_t kOtherDescriptors = 64;

// Each connection keeps a buffer of this size for as long as it lives: what
// one callback brings of a message.
constexpr std::size_t kPart = 512;

// One for all connections: what is read from a socket at once.
constexpr unsigned kReadBuffer = 16U << 10;

// nginx passes on what the terminal sent: a few hundred bytes. Freed after
// the handshake.
constexpr unsigned short kHeaders = 8192;

constexpr unsigned kHandshake_s = 10;

// lws sets the send buffer to the size of its receive buffer; a message with
// a photo would need hundreds of turns.
constexpr int kSendBuffer = 64 << 10;

// with no hang-up time set, lws neither pings nor gives up by itself
constexpr lws_retry_bo_t kNoValidityChecks{};

// lws calls back until the loop has closed its last handle, by when the
// server may be gone.
Server *current = nullptr;
Log *lws_log = nullptr;
RateLimit lws_warnings{5};

// What lws calls an error is mostly one client's doing. More than these
// levels would show headers and messages.
void write_lws_line(int level, const char *line) noexcept
{
    std::string_view text = line;
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
        text.remove_suffix(1);
    }
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const auto now_ms = static_cast<std::uint64_t>(now.tv_sec) * 1000;
    if (!lws_log || text.empty() ||
        (level != LLL_NOTICE && !lws_warnings.pass(now_ms))) {
        return;
    }
    try {
        lws_log->write(level == LLL_ERR    ? LogLevel::warn
                       : level == LLL_WARN ? LogLevel::info
                                           : LogLevel::debug,
                       "lws: " + std::string(text));
    } catch (const std::exception &) { // no memory for a log line
    }
}

std::string header(lws *wsi, lws_token_indexes token)
{
    const int length = lws_hdr_total_length(wsi, token);
    if (length <= 0) {
        return {};
    }
    std::string value(static_cast<std::size_t>(length) + 1, '\0');
    const int copied = lws_hdr_copy(wsi, value.data(), length + 1, token);
    value.resize(static_cast<std::size_t>(std::max(copied, 0)));
    return value;
}

/** Of one argument of the request's URI; "" if it is not there. */
std::string query_value(lws *wsi, const char *name)
{
    std::array<char, 1024> value{};
    const char *const found = lws_get_urlarg_by_name(
        wsi, name, value.data(), static_cast<int>(value.size()));
    return found ? std::string(found) : std::string();
}

/** Tells whoever is no WebSocket client so. */
void refuse_http(lws *wsi)
{
    static constexpr std::string_view kText = "WebSocket only\n";
    static constexpr std::string_view kUpgrade = "websocket";
    std::array<unsigned char, LWS_PRE + 512> buffer;
    unsigned char *const start = buffer.data() + LWS_PRE;
    unsigned char *at = start;
    unsigned char *const end = buffer.data() + buffer.size();
    if (lws_add_http_common_headers(wsi, 426, "text/plain", kText.size(), &at,
                                    end) ||
        lws_add_http_header_by_token(
            wsi, WSI_TOKEN_UPGRADE,
            reinterpret_cast<const unsigned char *>(kUpgrade.data()),
            static_cast<int>(kUpgrade.size()), &at, end) ||
        lws_finalize_write_http_header(wsi, start, &at, end)) {
        return;
    }
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) == 0) {
        std::copy(kText.begin(), kText.end(), start);
        lws_write(wsi, start, kText.size(), LWS_WRITE_HTTP_FINAL);
    }
}

} // namespace

const lws_protocols Server::kProtocols[2] = {
    {"wac", on_lws, sizeof(Slot), kPart, 0, nullptr, 0},
    {nullptr, nullptr, 0, 0, 0, nullptr, 0},
};

Server::Server(LoopUv &loop, Log &log, const ConnectionLimits &limits,
               std::size_t max_connections, SessionMaker make_session)
    : log_(log), loop_(loop), limits_(limits),
      max_connections_(max_connections), make_session_(std::move(make_session)),
      context_{loop,
               log,
               warnings_,
               limits_,
               make_session_,
               [this] {
                   if (lws_) {
                       lws_cancel_service(lws_);
                   }
               },
               {}},
      sweep_(loop.timer(*this, db::TimerKind::idle))
{
}

Server::~Server()
{
    stop();
    // libuv has lws's handles closed after a turn, and those that lws closes
    // thereupon after another
    for (int turn = 0; turn < 4; ++turn) {
        uv_run(loop_.get(), UV_RUN_NOWAIT);
    }
#if LWS_LIBRARY_VERSION_NUMBER < 4002000
    // on a loop that is not its own, this lws frees the rest only when told
    // again; later ones do it by themselves
    if (stopped_) {
        lws_context_destroy(stopped_);
    }
#endif
    current = nullptr;
    lws_log = nullptr;
}

Result<void> Server::start()
{
    current = this;
    lws_log = &log_;
    lws_set_log_level(LLL_ERR | LLL_WARN | LLL_NOTICE, write_lws_line);

    void *loops[] = {loop_.get()};
    lws_context_creation_info info{};
    info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
    info.foreign_loops = loops;
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
    info.protocols = kProtocols;
    info.vhost_name = "wac";
    info.server_string = "wac-worker";
    info.pt_serv_buf_size = kReadBuffer;
    info.max_http_header_data = kHeaders;
    info.timeout_secs = kHandshake_s;
    info.retry_and_idle_policy = &kNoValidityChecks;

    lws_ = lws_create_context(&info);
    if (!lws_) {
        return failure(ErrorCode::unavailable,
                       "libwebsockets does not start; is "
                       "libwebsockets-evlib-uv installed?");
    }
    vhost_ = lws_create_vhost(lws_, &info);
    if (!vhost_) {
        return failure(ErrorCode::unavailable,
                       "libwebsockets makes no virtual host");
    }
    sweep_->arm(limits_.sweep_ms);
    return {};
}

void Server::on_connection(int fd) noexcept
{
    if (sockets_ >= max_connections_ || draining_) {
        ::close(fd);
        if (!draining_ && warnings_.pass(loop_.now_ms())) {
            log_.write(LogLevel::warn, "a connection was refused: "
                                       "--max-connections is reached");
        }
        return;
    }
    // it closes the descriptor if it fails
    lws_adopt_socket_vhost(vhost_, fd);
}

void Server::drain() noexcept
{
    draining_ = true;
    for (Connection &connection : connections_) {
        connection.drain();
    }
}

void Server::stop() noexcept
{
    sweep_->disarm();
    if (lws_) {
        stopped_ = std::exchange(lws_, nullptr);
        lws_context_destroy(stopped_);
    }
}

void Server::on_wake() noexcept
{
    sweep_->arm(limits_.sweep_ms);
    const std::uint64_t now_ms = loop_.now_ms();
    try {
        for (Connection &connection : connections_) {
            connection.sweep(now_ms);
        }
    } catch (const std::exception &error) {
        log_.write(LogLevel::error, error.what());
    }
    if (sockets_ > connections_.size()) {
        // handshakes have deadlines too
        context_.wake_lws();
    }
}

int Server::on_lws(lws *wsi, lws_callback_reasons reason, void *user, void *in,
                   std::size_t length) noexcept
{
    if (!current) {
        return 0;
    }
    try {
        return current->on_event(wsi, reason, static_cast<Slot *>(user),
                                 {static_cast<const char *>(in), length});
    } catch (const std::exception &error) { // exhausted memory
        current->log_.write(LogLevel::error, error.what());
        return -1;
    }
}

/** 0: goes on; -1: lws is to close. */
int Server::on_event(lws *wsi, lws_callback_reasons reason, Slot *slot,
                     std::string_view data)
{
    switch (reason) {
    case LWS_CALLBACK_WSI_CREATE:
        ++sockets_;
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        --sockets_;
        return 0;
    case LWS_CALLBACK_HTTP:
        refuse_http(wsi);
        return -1;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        // lws would as gladly speak h2c
        if (!equals_ignoring_case(header(wsi, WSI_TOKEN_UPGRADE),
                                  "websocket")) {
            refuse_http(wsi);
            return -1;
        }
        return 0;
    case LWS_CALLBACK_ESTABLISHED:
        open(wsi, slot);
        return 0;
    case LWS_CALLBACK_RECEIVE:
        slot->connection->on_part(data, lws_remaining_packet_payload(wsi),
                                  lws_is_final_fragment(wsi) != 0);
        return 0;
    case LWS_CALLBACK_RECEIVE_PONG:
        slot->connection->on_pong();
        return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        return slot->connection->on_peer_close() ? 0 : -1;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return slot->connection->on_writable() ? 0 : -1;
    case LWS_CALLBACK_CLOSED:
        close(slot);
        return 0;
    default:
        return 0;
    }
}

void Server::open(lws *wsi, Slot *slot)
{
    setsockopt(lws_get_socket_fd(wsi), SOL_SOCKET, SO_SNDBUF, &kSendBuffer,
               sizeof kSendBuffer);
    Connection &connection = connections_.emplace_back(
        wsi, context_,
        peer_address(header(wsi, WSI_TOKEN_HTTP_X_REAL_IP),
                     header(wsi, WSI_TOKEN_X_FORWARDED_FOR)),
        bearer_token(header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION),
                     query_value(wsi, "token=")));
    connection.place = std::prev(connections_.end());
    slot->connection = &connection;
    if (draining_) {
        connection.drain();
    }
}

void Server::close(Slot *slot) noexcept
{
    // none if the handshake was not finished
    if (slot && slot->connection) {
        connections_.erase(std::exchange(slot->connection, nullptr)->place);
    }
}

std::size_t make_room_for(std::size_t connections)
{
    const rlim_t wanted = connections + kOtherDescriptors;
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < wanted) { // root may have more
        const rlimit higher{wanted, wanted};
        if (setrlimit(RLIMIT_NOFILE, &higher) == 0) {
            return connections;
        }
    }
    // not more than is needed either: lws makes tables of this size
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > kOtherDescriptors
               ? std::min<std::size_t>(connections,
                                       limit.rlim_cur - kOtherDescriptors)
               : 0;
}

} // namespace wac::worker
