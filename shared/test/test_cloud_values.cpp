// The value tables of the cloud dialect (cloud-json.md 4.2, 4.3).
#include "checks.hpp"

#include "codec/cloud_values.hpp"

#include <map>
#include <string>

using namespace wac;
using cloud::Profile;
using test::Checks;

namespace
{

using Table = std::map<std::int64_t, std::string_view>;

/** Every other number up to 300, and the odd ones, has no method. */
void check_table(Checks &checks, Profile profile, const Table &modes,
                 const Table &verifymodes)
{
    for (std::int64_t value = -2; value < 300; ++value) {
        const auto at = [value](const Table &table) {
            const auto found = table.find(value);
            return found == table.end() ? std::string_view{} : found->second;
        };
        const std::string number = std::to_string(value);
        checks.equal("mode " + number,
                     cloud::method_of(profile, value, std::nullopt), at(modes));
        checks.equal("verifymode " + number,
                     cloud::method_of(profile, std::nullopt, value),
                     at(verifymodes));
    }
    for (const std::int64_t value : {INT64_MIN, INT64_MAX}) {
        checks.equal("an extreme", cloud::method_of(profile, value, value), "");
    }
    checks.equal("nothing",
                 cloud::method_of(profile, std::nullopt, std::nullopt), "");
    checks.equal("QR beside a mode", cloud::method_of(profile, 1, 13), "qr");
}

void methods(Checks &checks)
{
    const Table qr{{13, "qr"}};
    checks.about("wac");
    check_table(
        checks, Profile::wac, {},
        {{0, "finger"}, {1, "card"}, {2, "password"}, {8, "face"}, {13, "qr"}});
    checks.equal("verifymode counts", cloud::method_of(Profile::wac, 8, 1),
                 "card");
    checks.about("ai");
    check_table(checks, Profile::ai,
                {{1, "finger"}, {3, "face"}, {8, "face"}, {50, "face"}}, qr);
    checks.about("th");
    check_table(checks, Profile::th,
                {{1, "finger"}, {2, "password"}, {3, "card"}, {8, "face"}}, qr);
    checks.equal("mode counts", cloud::method_of(Profile::th, 1, 8), "finger");
    checks.about("generic");
    check_table(checks, Profile::generic,
                {{1, "finger"},
                 {2, "password"},
                 {3, "card"},
                 {8, "face"},
                 {50, "face"}},
                qr);
}

void the_first_trait_that_fits_decides(Checks &checks)
{
    struct Known {
        cloud::TerminalTraits traits;
        Profile profile;
    };
    const Known kKnown[] = {
        {{"WAC14089464", "AI518", "ai518_f43h", true, true}, Profile::wac},
        {{"ZX1", "wac-100", "", false, true}, Profile::wac},
        {{"ZX1", "tfs30", "TH600 V9.9", true, true}, Profile::ai},
        {{"ZX1", "AI806", "ai806_f06v_v5.17"}, Profile::ai},
        {{"ZX1", "AiF43V", "AiF43V_v4.40", false, true}, Profile::ai},
        {{"ZX1", "tfs30", "TH600 V9.9", false, true}, Profile::th},
        {{"ZX1", "AI518", "TH600 V9.9"}, Profile::generic},
        {{"XWAC", "XWAC", "xai"}, Profile::generic},
        {{}, Profile::generic},
    };
    for (const Known &known : kKnown) {
        checks.about(std::string(known.traits.sn) + ' ' +
                     std::string(known.traits.model));
        checks.equal("profile",
                     static_cast<int>(cloud::profile_of(known.traits)),
                     static_cast<int>(known.profile));
    }
}

void profiles_have_names(Checks &checks)
{
    checks.that(cloud::profile_named("wac") == Profile::wac, "wac");
    checks.that(cloud::profile_named("ai") == Profile::ai, "ai");
    checks.that(cloud::profile_named("th") == Profile::th, "th");
    checks.that(cloud::profile_named("TH") == Profile::th, "TH");
    checks.that(cloud::profile_named("generic") == Profile::generic, "generic");
    for (const std::string_view name : {"", "a", "aif", "2"}) {
        checks.that(!cloud::profile_named(name), name);
    }
}

void directions(Checks &checks)
{
    const std::pair<std::optional<std::int64_t>, std::string_view> kTable[] = {
        {0, "in"},
        {1, "out"},
        {2, "break_out"},
        {3, "break_in"},
        {4, "overtime_in"},
        {5, "overtime_out"},
        {6, ""},
        {7, ""},
        {-1, ""},
        {INT64_MIN, ""},
        {INT64_MAX, ""},
        {std::nullopt, ""},
    };
    for (const auto &[inout, direction] : kTable) {
        checks.equal(std::to_string(inout.value_or(-99)),
                     cloud::direction_of(inout), direction);
    }
}

void people_and_others(Checks &checks)
{
    checks.that(cloud::is_door_event("0"), "0 is a door");
    checks.that(cloud::is_door_event("00"), "00 is a door");
    checks.that(cloud::is_unknown_person("99999999"), "99999999 is unknown");
    for (const std::string_view person :
         {"1", "9999999", "999999990", "", "0a", "x", "-1",
          "99999999999999999999999"}) {
        checks.that(!cloud::is_door_event(person), person);
        checks.that(!cloud::is_unknown_person(person), person);
    }
    checks.that(!cloud::is_unknown_person("0"), "a door is no person");
    checks.that(!cloud::is_door_event("99999999"), "a person is no door");
}

void privileges(Checks &checks)
{
    checks.equal("0", cloud::privilege_of(0), "USER");
    checks.equal("1", cloud::privilege_of(1), "MANAGER");
    checks.equal("2", cloud::privilege_of(2), "SUPER");
    checks.equal("3", cloud::privilege_of(3), "");
    checks.equal("-1", cloud::privilege_of(-1), "");
    checks.equal("nothing", cloud::privilege_of(std::nullopt), "");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<methods>),
        cmocka_unit_test(test::unit<the_first_trait_that_fits_decides>),
        cmocka_unit_test(test::unit<profiles_have_names>),
        cmocka_unit_test(test::unit<directions>),
        cmocka_unit_test(test::unit<people_and_others>),
        cmocka_unit_test(test::unit<privileges>),
    };
    return cmocka_run_group_tests_name("cloud_values", tests, nullptr, nullptr);
}
