// Where failures go: one line each on standard error, with nothing in it that
// could steer a terminal.
#pragma once

#include "base/error.hpp"
#include "terminal_text.hpp"

#include <cstdio>

namespace wac::ctl
{

/** Error texts read "<what>: <why>". */
inline void report(const Error &error)
{
    std::fflush(stdout); // in the order in which things happened
    std::fprintf(stderr, "wacctl: %s\n", escaped(error.text).c_str());
}

/** What might help after a failure. */
inline void print_hint(const std::string &text)
{
    std::fprintf(stderr, "  - %s\n", escaped(text).c_str());
}

} // namespace wac::ctl
