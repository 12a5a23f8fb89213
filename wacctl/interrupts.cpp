#include "interrupts.hpp"

namespace wac::ctl
{

namespace
{

volatile std::sig_atomic_t interrupted = 0;

extern "C" void note_interrupt(int) noexcept
{
    interrupted = 1;
}

} // namespace

Interrupts::Interrupts()
{
    interrupted = 0;
    struct sigaction action {
    };
    action.sa_handler = note_interrupt;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, &before_);
}

Interrupts::~Interrupts()
{
    sigaction(SIGINT, &before_, nullptr);
}

bool Interrupts::any() const noexcept
{
    return interrupted != 0;
}

} // namespace wac::ctl
