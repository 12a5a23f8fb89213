// Ctrl-C while a command waits for something.
#pragma once

#include <csignal>

namespace wac::ctl
{

/** Ctrl-C ends the wait in order; a second one ends the program. One at a
 *  time. */
class Interrupts
{
  public:
    Interrupts();
    ~Interrupts();
    Interrupts(const Interrupts &) = delete;
    Interrupts &operator=(const Interrupts &) = delete;

    /** Whether it came since this was made. */
    bool any() const noexcept;

  private:
    struct sigaction before_ {
    };
};

} // namespace wac::ctl
