// What terminals sent and nobody could understand, kept whole.
#include "quarantine_commands.hpp"

#include "base/bytes.hpp"
#include "bytea.hpp"
#include "json_rows.hpp"
#include "table.hpp"
#include "terminal_text.hpp"

namespace wac::ctl
{

namespace
{

/** One line as xxd writes it: offset, eight pairs of bytes, ASCII. */
std::string dump_line(std::size_t offset, Bytes bytes)
{
    char text[24];
    std::snprintf(text, sizeof text, "%08zx: ", offset);
    std::string line = text, ascii;
    for (std::size_t i = 0; i < 16; ++i) {
        if (i < bytes.size()) {
            std::snprintf(text, sizeof text, "%02x", bytes[i]);
            line += text;
            ascii += bytes[i] >= 0x20 && bytes[i] < 0x7F
                         ? static_cast<char>(bytes[i])
                         : '.';
        } else {
            line += "  ";
        }
        line += i % 2 ? " " : "";
    }
    return line + " " + ascii;
}

void print_dump(Bytes bytes)
{
    for (std::size_t offset = 0; offset < bytes.size(); offset += 16) {
        const auto rest = bytes.subspan(offset);
        const auto line = dump_line(
            offset, rest.first(std::min<std::size_t>(16, rest.size())));
        std::puts(line.c_str());
    }
}

struct ListOptions {
    std::string sn;
    long long limit = 50;
};

Result<Outcome> list(Database &database, const ListOptions &options, bool json)
{
    const auto rows =
        database.query("SELECT id, received_at, sn, protocol, request, reason,"
                       "    octet_length(frame) AS bytes, resends"
                       "  FROM wac_quarantine WHERE $1::text = '' OR sn = $1"
                       " ORDER BY id DESC LIMIT $2::text::bigint",
                       {options.sn, std::to_string(options.limit)});
    if (!rows) {
        return tl::make_unexpected(rows.error());
    }
    if (json) {
        print_json(json_rows(*rows));
    } else {
        print_rows(*rows,
                   {"id", "received_at", "sn", "protocol", "request", "reason",
                    "bytes", "resends"},
                   "nothing in quarantine");
    }
    return Outcome::done;
}

struct ShowOptions {
    long long id = 0;
    bool raw = false;
};

Result<Outcome> write_raw(const std::string &frame)
{
    if (writes_to_terminal()) {
        return failure(ErrorCode::refused,
                       "quarantine show: --raw bytes can upset a terminal: "
                       "send them to a file or a program");
    }
    // a failed write is noticed by main, as for every other output
    std::fwrite(frame.data(), 1, frame.size(), stdout);
    return Outcome::done;
}

Result<Outcome> show(Database &database, const ShowOptions &options, bool json)
{
    if (json && options.raw) {
        return failure(ErrorCode::misused, "quarantine show: --json and --raw "
                                           "contradict each other");
    }
    const auto found = database.query(
        "SELECT id, received_at, sn, protocol, request, reason,"
        "    octet_length(frame) AS bytes, resends, frame, frame_sha256,"
        "    extract(epoch FROM now() - received_at)::bigint"
        "        AS received_at_age_s"
        "  FROM wac_quarantine WHERE id = $1::text::bigint",
        {std::to_string(options.id)});
    if (!found) {
        return tl::make_unexpected(found.error());
    }
    if (found->empty()) {
        return failure(ErrorCode::refused, "quarantine: no quarantined frame " +
                                               std::to_string(options.id));
    }
    if (json) {
        print_json(json_row(*found, 0));
        return Outcome::done;
    }
    const std::string frame = bytes_of(*found->value(0, "frame"));
    if (options.raw) {
        return write_raw(frame);
    }
    Sheet sheet;
    sheet.add("id", cell(*found, 0, "id"));
    sheet.add("received_at", time_with_age(*found, 0, "received_at"));
    for (const char *column :
         {"sn", "protocol", "request", "reason", "bytes", "resends"}) {
        sheet.add(column, cell(*found, 0, column));
    }
    sheet.print();
    std::puts("");
    print_dump(as_bytes(frame));
    return Outcome::done;
}

void add_list(CLI::App &quarantine, CommandLine &line)
{
    auto *command =
        quarantine.add_subcommand("list", "Show the newest quarantined frames");
    auto options = std::make_shared<ListOptions>();
    command->add_option("--sn", options->sn, "Only frames of this device");
    command->add_option("--limit", options->limit, "At most so many")
        ->check(positive_number())
        ->capture_default_str();
    command->footer("Example: wacctl quarantine list --sn HD00123");
    on_database(*command, line, [&line, options](Database &database) {
        return list(database, *options, line.json);
    });
}

void add_show(CLI::App &quarantine, CommandLine &line)
{
    auto *command = quarantine.add_subcommand(
        "show", "Show one frame: why it is here, and its bytes");
    auto options = std::make_shared<ShowOptions>();
    command->add_option("ID", options->id, "Its id in the list")
        ->required()
        ->check(positive_number());
    command->add_flag("--raw", options->raw,
                      "Write the frame's bytes and nothing else");
    command->footer("With --json, \"frame\" holds its bytes in hexadecimal.\n"
                    "A frame can hold personal data: templates, photos, PINs."
                    "\n\nExamples: wacctl quarantine show 17\n"
                    "          wacctl quarantine show 17 --raw >frame.bin");
    on_database(*command, line, [&line, options](Database &database) {
        return show(database, *options, line.json);
    });
}

} // namespace

void add_quarantine_commands(CLI::App &program, CommandLine &line)
{
    auto *quarantine = program.add_subcommand(
        "quarantine", "See what was received and could not be understood");
    quarantine->require_subcommand(1);
    add_list(*quarantine, line);
    add_show(*quarantine, line);
}

} // namespace wac::ctl
