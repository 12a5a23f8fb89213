// Requests without an answer: how long one of the same name has to wait.
#include "checks.hpp"

#include "flow/unanswered.hpp"

using namespace wac;
using test::Checks;

namespace
{

void the_same_name_waits(Checks &checks)
{
    Unanswered names(30000);
    checks.equal("nothing is late", names.wait_ms("GetTime", 5), 0U);
    names.add("GetTime", 1000);
    checks.equal("at once", names.wait_ms("GetTime", 1000), 30000U);
    checks.equal("later", names.wait_ms("GetTime", 30999), 1U);
    checks.equal("another", names.wait_ms("GetTim", 2000), 0U);
    checks.equal("in the end", names.wait_ms("GetTime", 31000), 0U);
    checks.equal("behind it", names.wait_ms("GetTime", 99999), 0U);
    names.add("GetTime", 20000);
    checks.equal("once more", names.wait_ms("GetTime", 31000), 19000U);
}

void a_late_answer_ends_it(Checks &checks)
{
    Unanswered names(30000);
    names.add("GetTime", 1000);
    names.add("LockControl", 2000);
    checks.that(!names.heard("GetUserData"), "not waited for");
    checks.that(names.heard("GetTime"), "late");
    checks.that(!names.heard("GetTime"), "only once");
    checks.equal("may go", names.wait_ms("GetTime", 3000), 0U);
    checks.equal("the other waits", names.wait_ms("LockControl", 3000), 29000U);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<the_same_name_waits>),
        cmocka_unit_test(test::unit<a_late_answer_ends_it>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
