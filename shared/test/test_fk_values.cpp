// The value tables of the FK dialect (fk-http.md section 8).
#include "checks.hpp"

#include "codec/fk_values.hpp"

#include <string>
#include <vector>

using namespace wac;
using test::Checks;

namespace
{

struct Mode {
    std::int64_t value;
    std::string_view method;
};

void check_modes(Checks &checks, std::string_view library,
                 const std::vector<Mode> &modes)
{
    for (const Mode &mode : modes) {
        checks.equal(std::string(library) + ' ' + std::to_string(mode.value),
                     fk::method_of(mode.value, library), mode.method);
    }
}

void the_small_table(Checks &checks)
{
    check_modes(checks, "FKDataHS101",
                {{0, ""},          {1, "finger"},     {2, "password"},
                 {3, "card"},      {4, "combined"},   {5, "combined"},
                 {6, "combined"},  {7, "combined"},   {8, "other"},
                 {9, "combined"},  {10, "other"},     {17, "other"},
                 {18, ""},         {19, ""},          {20, "face"},
                 {21, "combined"}, {25, "combined"},  {26, ""},
                 {32, ""},         {0x89, "combined"}});
}

void flags_of_the_door_are_taken_off(Checks &checks)
{
    check_modes(checks, "", {{33, "finger"},
                             {34, "password"},
                             {35, "card"},
                             {36, "combined"},
                             {39, "combined"},
                             {40, "palm"},
                             {41, "combined"},
                             {42, ""},
                             {48, ""},
                             {49, "finger"},
                             {50, "password"},
                             {51, "card"},
                             {52, ""},
                             {53, "combined"},
                             {57, "combined"},
                             {58, ""},
                             {63, ""},
                             {64, ""},
                             {64 + 1, "finger"},
                             {64 + 20, "face"},
                             {64 + 40, "palm"},
                             {64 + 33, ""},
                             {128 + 1, "finger"},
                             {128 + 20, "face"},
                             {192 + 3, "card"},
                             {255, ""}});
}

void the_m50_table(Checks &checks)
{
    for (const std::string_view library : {"M50", "m50", "M60", "m60"}) {
        check_modes(checks, library,
                    {{0, ""},
                     {1, "finger"},
                     {2, "password"},
                     {3, "card"},
                     {4, "face"},
                     {5, ""},
                     {20, ""},
                     {33, ""},
                     {0x40000000, "face"}});
    }
    checks.equal("another library", fk::method_of(4, "M500"), "combined");
}

void the_nibble_scheme(Checks &checks)
{
    check_modes(checks, "FKDataHS103", {{0x10000000, "finger"},
                                        {0x20000000, "password"},
                                        {0x30000000, "card"},
                                        {0x40000000, "face"},
                                        {0x50000000, "other"},
                                        {0x60000000, "other"},
                                        {0x70000000, "palm"},
                                        {0x80000000, "other"},
                                        {0x90000000, "face"},
                                        {0xa0000000, "other"},
                                        {0xf0000000, "other"},
                                        {0x12000000, "combined"},
                                        {0x43000000, "combined"},
                                        {0x31100000, "combined"},
                                        {0x11000000, "finger"},
                                        {0x11111111, "finger"},
                                        {0x11111112, "combined"},
                                        {0x10200000, "finger"},
                                        {0x56000000, "combined"},
                                        {0x01000000, ""},
                                        {256, ""},
                                        {0xffffffff, "other"},
                                        {0x100000000, ""},
                                        {-1, ""},
                                        {INT64_MIN, ""},
                                        {INT64_MAX, ""}});
}

void names_of_methods(Checks &checks)
{
    const std::pair<std::string_view, std::string_view> kNames[] = {
        {"FP", "finger"},     {"fp", "finger"}, {"PASSWORD", "password"},
        {"IDCARD", "card"},   {"FACE", "face"}, {"Face", "face"},
        {"PALMVEIN", "palm"}, {"QR", "qr"},     {"", ""},
        {"FP+PASSWORD", ""},  {"AURA", ""},
    };
    for (const auto &[name, method] : kNames) {
        checks.equal(name, fk::method_of_name(name), method);
    }
}

void directions_come_from_the_top_byte(Checks &checks)
{
    const std::pair<std::int64_t, std::string_view> kDirections[] = {
        {0, ""},
        {1, ""},
        {17, ""},
        {0x00ffffff, ""},
        {0x01000000, "in"},
        {0x02000000, "out"},
        {0x03000000, "break_in"},
        {0x04000000, "break_out"},
        {0x05000000, "overtime_in"},
        {0x06000000, "overtime_out"},
        {0x07000000, ""},
        {0x0f000000, ""},
        {0x12000005, "in"}, // the flag wins over the key
        {0x10000000, "in"},
        {0x22000000, "out"},
        {0x20000000, ""},
        {0x02ffffff, "out"},
        {0xffffffff, ""},
        {0x101000000, ""},
        {-1, ""},
    };
    for (const auto &[value, direction] : kDirections) {
        checks.equal(std::to_string(value), fk::direction_of(value), direction);
    }
}

void privileges_have_names_and_numbers(Checks &checks)
{
    struct Sample {
        std::string_view sent;
        std::string_view text;
        std::optional<std::int32_t> number;
    };
    const Sample kSamples[] = {
        {"USER", "USER", 0},
        {"user", "USER", 0},
        {"Manager", "MANAGER", 1},
        {"OPERATOR", "OPERATOR", 2},
        {"REGISTER", "REGISTER", 3},
        {"REGISTOR", "REGISTER", 3},
        {"registor", "REGISTER", 3},
        {"0", "USER", 0},
        {"1", "MANAGER", 1},
        {"3", "REGISTER", 3},
        {"4", "4", 4},
        {"-1", "-1", -1},
        {"99999999999", "99999999999", std::nullopt},
        {"GUEST", "GUEST", std::nullopt},
        {"", "", std::nullopt},
    };
    for (const Sample &sample : kSamples) {
        checks.about(sample.sent);
        const fk::Privilege privilege = fk::privilege_of(sample.sent);
        checks.equal("text", privilege.text, sample.text);
        checks.equal("number", privilege.number, sample.number);
    }
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<the_small_table>),
        cmocka_unit_test(test::unit<flags_of_the_door_are_taken_off>),
        cmocka_unit_test(test::unit<the_m50_table>),
        cmocka_unit_test(test::unit<the_nibble_scheme>),
        cmocka_unit_test(test::unit<names_of_methods>),
        cmocka_unit_test(test::unit<directions_come_from_the_top_byte>),
        cmocka_unit_test(test::unit<privileges_have_names_and_numbers>),
    };
    return cmocka_run_group_tests_name("fk_values", tests, nullptr, nullptr);
}
