#include "db/resolver.hpp"

#include <arpa/inet.h>
#include <netdb.h>

namespace wac::db
{

namespace
{

constexpr std::uint64_t kLookIntervalMs = 10;

std::vector<std::string> addresses_of(const addrinfo *list)
{
    std::vector<std::string> addresses;
    for (const addrinfo *entry = list; entry; entry = entry->ai_next) {
        char text[INET6_ADDRSTRLEN + 16];
        if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text,
                        nullptr, 0, NI_NUMERICHOST) == 0) {
            addresses.emplace_back(text);
        }
    }
    return addresses;
}

} // namespace

// What glibc's thread reads and writes: must stay where it is until done.
struct Resolver::Lookup {
    std::string host;
    addrinfo hints{};
    gaicb request{};

    explicit Lookup(std::string name) : host(std::move(name))
    {
        hints.ai_family = AF_UNSPEC;
        hints.ai_socktype = SOCK_STREAM;
        request.ar_name = host.c_str();
        request.ar_request = &hints;
    }

    ~Lookup()
    {
        if (request.ar_result) {
            freeaddrinfo(request.ar_result);
        }
    }
};

Resolver::Resolver(EventLoop &loop, LookupListener &listener)
    : listener_(listener), timer_(loop.timer(*this, TimerKind::idle))
{
}

Resolver::~Resolver()
{
    cancel();
}

void Resolver::start(const std::string &host)
{
    cancel();
    lookup_ = std::make_unique<Lookup>(host);
    gaicb *list[] = {&lookup_->request};
    const int status = getaddrinfo_a(GAI_NOWAIT, list, 1, nullptr);
    if (status != 0) {
        // gai_error() of a request never started is not EAI_INPROGRESS:
        // the first look reports the failure
        lookup_->request.ar_name = nullptr;
    }
    timer_->arm(status == 0 ? kLookIntervalMs : 0);
}

void Resolver::cancel() noexcept
{
    timer_->disarm();
    if (!lookup_) {
        return;
    }
    if (gai_error(&lookup_->request) == EAI_INPROGRESS &&
        gai_cancel(&lookup_->request) == EAI_NOTCANCELED) {
        static_cast<void>(lookup_.release());
        return;
    }
    lookup_.reset();
}

void Resolver::on_wake() noexcept
{
    const int status =
        lookup_->request.ar_name ? gai_error(&lookup_->request) : EAI_AGAIN;
    if (status == EAI_INPROGRESS) {
        timer_->arm(kLookIntervalMs);
        return;
    }
    const std::unique_ptr<Lookup> done = std::move(lookup_);
    if (status != 0) {
        listener_.on_lookup_failed(gai_strerror(status));
        return;
    }
    auto addresses = addresses_of(done->request.ar_result);
    if (addresses.empty()) {
        listener_.on_lookup_failed("no usable address");
        return;
    }
    listener_.on_addresses(std::move(addresses));
}

} // namespace wac::db
