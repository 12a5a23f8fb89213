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

void rows_have_a_head_and_typed_fields(Checks &check)
{
    constexpr db::PgType kFields[] = {db::PgType::int4, db::PgType::text};
    db::PgRows rows(kFields);
    rows.begin_row();
    rows.add_int4(7);
    rows.add_or_null("");
    rows.begin_row();
    rows.add_int4(8);
    rows.add("ab");
    check.that(rows.finish() == "\0\0\0\1\0\0\0\0" // one dimension, no null
                                "\0\0\0\0\0\0\0\2" // some type, two rows
                                "\0\0\0\1"         // lower bound
                                "\0\0\0\x18"       // length
                                "\0\0\0\2"         // fields
                                "\0\0\0\x17\0\0\0\4\0\0\0\7"
                                "\0\0\0\x19\xff\xff\xff\xff"
                                "\0\0\0\x1a"
                                "\0\0\0\2"
                                "\0\0\0\x17\0\0\0\4\0\0\0\x08"
                                "\0\0\0\x19\0\0\0\2"
                                "ab"sv,
               "two rows");
    db::PgRows none(kFields);
    check.equal("none", none.finish().size(), 20U);
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<an_array_has_a_header_and_elements>),
        cmocka_unit_test(unit<numbers_are_big_endian>),
        cmocka_unit_test(unit<a_column_of_nulls_is_known>),
        cmocka_unit_test(unit<rows_have_a_head_and_typed_fields>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
