// Connection strings: which servers they name, what is refused at once, and
// that no fault found in one repeats its password.
#include "checks.hpp"

#include "db/conninfo.hpp"

#include <algorithm>

using namespace wac;
using test::Checks;

namespace
{

std::string value_of(const db::Parameters &parameters, const std::string &name)
{
    for (const auto &[key, value] : parameters) {
        if (key == name) {
            return value;
        }
    }
    return "(absent)";
}

void a_socket_directory_needs_no_lookup(Checks &check)
{
    const auto c = db::parse_conninfo("host=/run/postgresql dbname=wac");
    check.that(c.has_value(), "it is read");
    check.equal("servers", c->servers.size(), 1U);
    check.that(!c->servers[0].needs_lookup(), "no lookup");
    check.equal("dbname", value_of(c->parameters, "dbname"), "wac");
    check.equal("one server may be a standby",
                value_of(c->parameters, "target_session_attrs"), "(absent)");
    check.equal("gssencmode", value_of(c->parameters, "gssencmode"), "disable");
}

void several_servers_keep_their_order(Checks &check)
{
    const auto c = db::parse_conninfo(
        "postgresql://u:p@db1:5433,10.0.0.2,[::1]:5434/wac?sslmode=require");
    check.that(c.has_value(), "it is read");
    check.equal("servers", c->servers.size(), 3U);
    check.equal("first", c->servers[0].text(), "db1:5433");
    check.that(c->servers[0].needs_lookup(), "a name needs a lookup");
    check.that(!c->servers[1].needs_lookup(), "an address does not");
    check.that(!c->servers[2].needs_lookup(), "nor one of IPv6");
    check.equal("attrs", value_of(c->parameters, "target_session_attrs"),
                "read-write");
    const auto p = db::parameters_for(*c, c->servers[0], "192.0.2.7");
    check.equal("host stays, for TLS", value_of(p, "host"), "db1");
    check.equal("hostaddr", value_of(p, "hostaddr"), "192.0.2.7");
    check.equal("port", value_of(p, "port"), "5433");
}

void the_operators_words_win(Checks &check)
{
    const auto c = db::parse_conninfo(
        "host=a,b port=1,2 target_session_attrs=any keepalives_idle=7 "
        "connect_timeout=3");
    check.that(c.has_value(), "it is read");
    check.equal("attrs", value_of(c->parameters, "target_session_attrs"),
                "any");
    check.equal("keepalives", value_of(c->parameters, "keepalives_idle"), "7");
    check.equal("timeout", c->connect_timeout_ms, 3000U);
    check.equal("second port", c->servers[1].port, "2");
}

void nonsense_is_refused_without_repeating_it(Checks &check)
{
    for (const char *text :
         {"host=a,b port=1,2,3 password=s3cret", "hots=a password=s3cret",
          "host=a port=99999 password=s3cret", "password='s3cret",
          "postgresql://u:s3cret@[::1",
          "host=a,b hostaddr=10.0.0.1 "
          "password=s3cret",
          "host=a connect_timeout=x password=s3cret", "s3cret"}) {
        check.about(text);
        const auto c = db::parse_conninfo(text);
        check.that(!c, "it is refused");
        const std::string why = c ? "" : c.error().text;
        check.that(!why.empty(), "with a reason");
        check.that(why.find("s3cret") == why.npos, "that keeps the secret");
    }
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<a_socket_directory_needs_no_lookup>),
        cmocka_unit_test(unit<several_servers_keep_their_order>),
        cmocka_unit_test(unit<the_operators_words_win>),
        cmocka_unit_test(unit<nonsense_is_refused_without_repeating_it>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
