// Reading PostgreSQL's binary values: integers, booleans, arrays.
#include "checks.hpp"

#include "db/pg_parameters.hpp"
#include "db/pg_result.hpp"

#include <vector>

using namespace wac;
using test::Checks;

namespace
{

/** One row of one column; no value: NULL. */
db::PgResult one(std::optional<std::string> value)
{
    db::PgResult rows(PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK));
    PGresAttDesc column{};
    char name[] = "value";
    column.name = name;
    column.format = 1;
    PQsetResultAttrs(rows.get(), 1, &column);
    PQsetvalue(rows.get(), 0, 0, value ? value->data() : nullptr,
               value ? static_cast<int>(value->size()) : -1);
    return rows;
}

void integers_and_booleans(Checks &check)
{
    using namespace std::string_literals;
    check.equal(
        "int8",
        db::int8_at(one("\xff\xff\xff\xff\xff\xff\xff\xfe"s).get(), 0, 0),
        std::int64_t{-2});
    check.equal("int4", db::int4_at(one("\0\0\1\2"s).get(), 0, 0), 258);
    check.equal("a short int8", db::int8_at(one("\1\2"s).get(), 0, 0),
                std::int64_t{0});
    check.that(db::bool_at(one("\1"s).get(), 0, 0), "true");
    check.that(!db::bool_at(one("\0"s).get(), 0, 0), "false");
    check.that(!db::bool_at(one(std::nullopt).get(), 0, 0), "NULL");
    check.that(db::null_at(one(std::nullopt).get(), 0, 0) &&
                   !db::null_at(one("").get(), 0, 0),
               "NULL is not empty");
}

std::vector<std::string> elements(const std::optional<std::string> &value)
{
    const auto rows = one(value);
    std::vector<std::string> out;
    for (const Bytes element : db::array_at(rows.get(), 0, 0)) {
        out.emplace_back(as_text(element));
    }
    return out;
}

void arrays_come_back_as_they_went(Checks &check)
{
    db::PgArray array(db::PgType::bytea);
    array.add("abc");
    array.add("");
    array.add_null();
    array.add(std::string_view("\0x", 2));
    const std::string sent(array.finish());
    const std::vector<std::string> wanted{"abc", "", "", std::string("\0x", 2)};
    check.that(elements(sent) == wanted, "four elements");
    check.that(elements(std::nullopt).empty(), "NULL has none");
}

void arrays_that_lie(Checks &check)
{
    db::PgArray array(db::PgType::bytea);
    array.add("abc");
    array.add("def");
    const std::string sent(array.finish());
    for (std::size_t cut = 0; cut < sent.size(); ++cut) {
        const auto read = elements(sent.substr(0, cut));
        check.that(read.size() <= 1, "cut at " + std::to_string(cut));
    }
    std::string two_dimensions = sent;
    two_dimensions[3] = 2;
    check.that(elements(two_dimensions).empty(), "two dimensions");
    std::string too_long = sent;
    too_long[20] = '\x7f';
    check.that(elements(too_long).empty(), "a length beyond the end");
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<integers_and_booleans>),
        cmocka_unit_test(unit<arrays_come_back_as_they_went>),
        cmocka_unit_test(unit<arrays_that_lie>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
