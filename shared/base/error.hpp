// The one error value of the core: what kind of thing went wrong, and a
// sentence for the log. Exceptions are kept for exhaustion and broken
// invariants.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace wac
{

enum class ErrorCode {
    malformed,   // the bytes do not follow the protocol
    refused,     // understood, and not allowed
    unavailable, // the database cannot be reached or does not answer: try again
    overloaded,  // a bounded queue is full: try again
    bad_data,    // the database cannot represent a value of this record
    rejected,    // the database refused this record (constraint, trigger)
    timed_out,   // the deadline passed: try again
    misused,     // wrong configuration or arguments
};

struct Error {
    ErrorCode code;
    std::string text;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> failure(ErrorCode code, std::string text)
{
    return tl::make_unexpected(Error{code, std::move(text)});
}

} // namespace wac
