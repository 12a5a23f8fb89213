// Checks that collect instead of jumping. cmocka fails by longjmp, past
// every destructor; a test written as `void test(Checks &)` runs to its end,
// all its values die, and only then unit<test> asserts.
#pragma once

#include "cmocka.hpp"

#include <exception>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

namespace wac::test
{

class Checks
{
  public:
    /** What the following checks are about, for their messages. */
    void about(std::string_view subject) { subject_ = subject; }

    void that(bool holds, std::string_view what)
    {
        if (!holds) {
            fail(std::string(what));
        }
    }

    template <typename Got, typename Wanted>
    void equal(std::string_view what, const Got &got, const Wanted &wanted)
    {
        if (!(got == wanted)) {
            fail(std::string(what) + " is " + show(got) + ", not " +
                 show(wanted));
        }
    }

    void fail(const std::string &sentence)
    {
        print_error("%s%s%s\n", subject_.c_str(), subject_.empty() ? "" : ": ",
                    sentence.c_str());
        ++failures_;
    }

    int failures() const { return failures_; }

  private:
    template <typename T>
    static std::string show(const T &value)
    {
        std::ostringstream out;
        out << value;
        return '\'' + out.str() + '\'';
    }

    template <typename T>
    static std::string show(const std::optional<T> &value)
    {
        return value ? show(*value) : "nothing";
    }

    static std::string show(std::nullopt_t) { return "nothing"; }

    std::string subject_;
    int failures_ = 0;
};

template <void (*Test)(Checks &)>
void unit(void **)
{
    int failures = 0;
    {
        Checks checks;
        try {
            Test(checks);
        } catch (const std::exception &error) {
            checks.fail(error.what());
        }
        failures = checks.failures();
    }
    assert_int_equal(failures, 0);
}

} // namespace wac::test
