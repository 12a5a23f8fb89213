// Descriptors: one that is closed with its owner, and how many there may be.
#pragma once

#include "base/error.hpp"

#include <cstdint>

namespace wac::sim
{

class Descriptor
{
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor();
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

/** Reports SIGINT and SIGTERM, which no longer end the process; read it as
 *  signalfd says. Negative if there is none. */
int end_signals();

/** Raises this process's limit as far as it goes. Fails if that is not enough
 *  for so many sockets. */
Result<void> raise_descriptor_limit(std::uint64_t sockets);

} // namespace wac::sim
