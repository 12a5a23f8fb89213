// PostgreSQL's binary arrays, byte for byte.
#include "checks.hpp"

#include "db/pg_parameters.hpp"

using namespace wac;
using namespace std::string_view_literals;
using test::Checks;

namespace
{

void an_array_has_a_header_and_elements(Checks &check)
{
    db::PgArray array(db::PgType::text);
    array.add("ab");
    array.add_or_null("");
    check.that(array.finish() == "\0\0\0\1"   // dimensions
                                 "\0\0\0\1"   // holds a null
                                 "\0\0\0\x19" // text
                                 "\0\0\0\2"   // elements
                                 "\0\0\0\1"   // lower bound
                                 "\0\0\0\2ab"
                                 "\xff\xff\xff\xff"sv,
               "two elements, one of them null");
    check.that(!array.all_null(), "not all are null");
}

void numbers_are_big_endian(Checks &check)
{
    db::PgArray array(db::PgType::int8);
    array.add_int8(-2);
    array.add_int8(std::nullopt);
    check.that(array.finish().substr(20) ==
                   "\0\0\0\x08\xff\xff\xff\xff\xff\xff\xff\xfe"
                   "\xff\xff\xff\xff"sv,
               "int8 and null");

    db::PgArray times(db::PgType::timestamp);
    times.add_timestamp(WallTime{2000, 1, 1, 0, 0, 1});
    check.that(times.finish().substr(20) ==
                   "\0\0\0\x08\0\0\0\0\0\x0f\x42\x40"sv,
               "one second after 2000, in microseconds");
    times.add_timestamp(std::nullopt);
    check.that(!times.all_null(), "a time is not null");
}

void a_column_of_nulls_is_known(Checks &check)
{
    db::PgArray array(db::PgType::text);
    array.add_null();
    array.add_or_null("");
    check.that(array.all_null(), "all are null");
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<an_array_has_a_header_and_elements>),
        cmocka_unit_test(unit<numbers_are_big_endian>),
        cmocka_unit_test(unit<a_column_of_nulls_is_known>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
