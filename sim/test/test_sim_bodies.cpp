// The bodies a simulated terminal sends, read back by the project's codec,
// and the parts of a long one.
#include "checks.hpp"

#include "fk_bodies.hpp"

using namespace wac;
using namespace wac::sim;
using test::Checks;

namespace
{

FkTerminal terminal_of(const FkDialect &dialect)
{
    FkTerminal terminal;
    terminal.sn = "T1";
    terminal.library = dialect.library;
    terminal.make_users(3);
    return terminal;
}

const std::int64_t kTime = seconds_of({2026, 9, 29, 20, 0, 1});

void terminators_are_counted(Checks &checks)
{
    FkDialect dialect;
    const std::string json = R"({"a":1})";
    checks.equal("nul", framed(dialect, json),
                 std::string("\x08\0\0\0{\"a\":1}\0", 12));
    dialect.terminator = FkTerminator::lf_nul;
    checks.equal("lf nul", framed(dialect, json, {"xy"}),
                 std::string("\x09\0\0\0{\"a\":1}\n\0\x02\0\0\0xy", 19));
    dialect.terminator = FkTerminator::none;
    checks.equal("none", framed(dialect, json),
                 std::string("\x07\0\0\0{\"a\":1}", 11));
}

void a_poll_says_what_the_terminal_is(Checks &checks)
{
    FkDialect dialect;
    dialect.library = "FKDATAHS103";
    FkTerminal terminal = terminal_of(dialect);
    terminal.name = "Gate";
    const std::string bytes = poll_body(dialect, terminal, kTime);
    const auto body = fk::decode_body(as_bytes(bytes));
    const auto poll = fk::decode_receive_cmd(body.value());
    checks.equal("fk_name", poll.fk_name, "Gate");
    checks.that(poll.fk_time == WallTime{2026, 9, 29, 20, 0, 1}, "fk_time");
    const json_t *info = json_object_get(body->json.get(), "fk_info");
    checks.equal("library", json_string(info, "fk_bin_data_lib"),
                 "FKDATAHS103");
}

void a_punch_reads_back(Checks &checks)
{
    for (const char *library : {"FKDataHS101", "FKDataHS103"}) {
        for (const bool strings : {false, true}) {
            checks.about(std::string(library) + (strings ? " text" : ""));
            FkDialect dialect;
            dialect.library = library;
            dialect.counts_as_strings = strings;
            dialect.image = strings;
            const auto punch = punch_of(library, "2", kTime, 1);
            const std::string bytes =
                punch_body(dialect, terminal_of(dialect), punch);
            const auto body = fk::decode_body(as_bytes(bytes));
            const auto read = fk::decode_realtime_glog(body.value());
            checks.equal("user_id", read->user_id, "2");
            checks.that(read->io_time == wall_time(kTime), "io_time");
            checks.equal("verify_mode", read->verify_mode, punch.verify_mode);
            checks.equal("io_mode", read->io_mode, punch.io_mode);
            checks.equal("method", read->method, "finger");
            checks.equal("image", read->log_image.size() > 100, strings);
            const json_t *mode =
                json_object_get(body->json.get(), "verify_mode");
            checks.that(json_is_string(mode) == strings, "type of a number");
        }
    }
}

void pictures_differ(Checks &checks)
{
    const std::string one = made_jpeg("one");
    checks.that(one.starts_with("\xff\xd8\xff") && one.ends_with("\xff\xd9"),
                "no JPEG");
    checks.that(one != made_jpeg("two"), "they are the same");
}

void an_enrolment_carries_every_credential(Checks &checks)
{
    const FkDialect dialect;
    const FkTerminal terminal = terminal_of(dialect);
    const std::string bytes = user_body(dialect, "1", terminal.users.at("1"));
    const auto body = fk::decode_body(as_bytes(bytes));
    const auto read = fk::decode_realtime_enroll_data(body.value());
    checks.equal("user_id", read->user_id, "1");
    checks.equal("user_name", read->user_name, "User 1");
    checks.equal("privilege", read->privilege, "MANAGER");
    checks.that(!read->user_photo.empty(), "no photo");
    checks.equal("missing", read->missing_bins, 0U);
    checks.equal("credentials", read->credentials.size(), 3U);
    checks.equal("finger", as_text(read->credentials[0].data),
                 made_credential(dialect.library, "1", 0));
    checks.equal("finger's size", read->credentials[0].data.size(), 612U);
    checks.equal("password", as_text(read->credentials[1].data), "1234");
}

void parts_join_to_the_whole(Checks &checks)
{
    std::string body(20001, 'x');
    body[20000] = 'y';
    FkDialect dialect;
    for (const std::size_t size : {1U, 7U, 4000U, 20000U, 20001U, 30000U}) {
        checks.about(std::to_string(size));
        dialect.block_size = size;
        const std::size_t parts = part_count(dialect, body.size());
        checks.equal("parts", parts, (body.size() + size - 1) / size);
        std::string joined;
        for (std::size_t i = 0; i < parts; ++i) {
            const FkPart part = part_of(dialect, body, i);
            const auto wanted = i + 1 == parts ? 0 : i + 1;
            checks.that(part.blk_no == wanted, "blk_no");
            checks.that(part.bytes.size() <= size, "too long");
            joined += part.bytes;
        }
        checks.that(joined == body, "the bytes differ");
    }
}

void short_and_undivided_bodies_are_one_part(Checks &checks)
{
    FkDialect dialect;
    checks.equal("empty", part_count(dialect, 0), 1U);
    checks.that(part_of(dialect, "", 0).blk_no == 0U, "blk_no");
    dialect.blocks = false;
    dialect.block_size = 1;
    checks.equal("undivided", part_count(dialect, 5), 1U);
    const FkPart part = part_of(dialect, "hello", 0);
    checks.that(!part.blk_no && part.bytes == "hello", "undivided");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<terminators_are_counted>),
        cmocka_unit_test(test::unit<a_poll_says_what_the_terminal_is>),
        cmocka_unit_test(test::unit<a_punch_reads_back>),
        cmocka_unit_test(test::unit<pictures_differ>),
        cmocka_unit_test(test::unit<an_enrolment_carries_every_credential>),
        cmocka_unit_test(test::unit<parts_join_to_the_whole>),
        cmocka_unit_test(test::unit<short_and_undivided_bodies_are_one_part>),
    };
    return cmocka_run_group_tests_name("sim_bodies", tests, nullptr, nullptr);
}
