// Tokens of people and programs: who may watch the live feed and use the API,
// and who may also command terminals. Those of terminals are `device token`.
#include "token_commands.hpp"

#include "duration.hpp"
#include "json_rows.hpp"
#include "random_token.hpp"
#include "table.hpp"
#include "terminal_text.hpp"

#include <algorithm>

namespace wac::ctl
{

namespace
{

constexpr long long kMostDays = 3650;

/** Of the token itself nothing is told. */
constexpr const char *kColumns =
    "name, role, created_at, expires_at, last_used_at,"
    " coalesce(expires_at <= now(), false) AS expired,"
    " extract(epoch FROM now() - last_used_at)::bigint AS last_used_at_age_s";

CLI::Validator token_name()
{
    return CLI::Validator(
        [](const std::string &text) -> std::string {
            const bool plain =
                std::all_of(text.begin(), text.end(), [](char c) {
                    const char lower = ascii_lower(c);
                    return (lower >= 'a' && lower <= 'z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                           c == '-' || c == '@';
                });
            return plain && !text.empty() && text.size() <= 64
                       ? ""
                       : "\"" + text +
                             "\" is not a token's name: 1 to 64 letters, "
                             "digits, . _ - and @";
        },
        "NAME");
}

struct NewToken {
    std::string name;
    std::string role;
    std::optional<long long> expires_s;
};

/** As "viewer, until 2026-01-31 08:00:00+00". */
std::string validity(const Rows &token)
{
    return token.text(0, "role") +
           (token.value(0, "expires_at")
                ? ", until " + cell(token, 0, "expires_at")
                : "");
}

Result<Outcome> create(Database &database, const NewToken &made, bool json)
{
    const auto token = random_token();
    if (!token) {
        return tl::make_unexpected(token.error());
    }
    const auto stored = database.query(
        "INSERT INTO wac_api_tokens (name, token_hash, role, expires_at)"
        " VALUES ($1, $2::bytea, $3,"
        "    now() + make_interval(secs => $4::text::float8))"
        " ON CONFLICT (name) DO NOTHING"
        " RETURNING name, role, created_at, expires_at",
        {made.name, token->hash, made.role,
         made.expires_s ? Parameter(std::to_string(*made.expires_s))
                        : Parameter()});
    if (!stored) {
        return tl::make_unexpected(stored.error());
    }
    if (stored->empty()) {
        return failure(ErrorCode::refused,
                       "token create: there is a token " + made.name +
                           " already; to make it anew: wacctl token revoke " +
                           made.name);
    }
    if (json) {
        const Json answer = json_row(*stored, 0);
        set_member(answer, "token", token->text);
        print_json(answer);
        return Outcome::done;
    }
    print_line("token " + made.name + " (" + validity(*stored) +
               "); it is not shown again:");
    print_line(token->text);
    return Outcome::done;
}

Result<Outcome> list(Database &database, bool json)
{
    const auto tokens = database.query(std::string("SELECT ") + kColumns +
                                       " FROM wac_api_tokens ORDER BY name");
    if (!tokens) {
        return tl::make_unexpected(tokens.error());
    }
    if (json) {
        print_json(json_rows(*tokens));
        return Outcome::done;
    }
    if (tokens->empty()) {
        print_line("no tokens");
        return Outcome::done;
    }
    Table table({"name", "role", "created_at", "expires_at", "last_used_at"});
    for (int row = 0; row < tokens->size(); ++row) {
        const bool used = tokens->value(row, "last_used_at").has_value();
        table.add({cell(*tokens, row, "name"), cell(*tokens, row, "role"),
                   cell(*tokens, row, "created_at"),
                   tokens->value(row, "expires_at")
                       ? cell(*tokens, row, "expires_at") +
                             (tokens->boolean(row, "expired") ? " (over)" : "")
                       : "never",
                   used ? age_text(tokens->real(row, "last_used_at_age_s"))
                        : "never"});
    }
    table.print();
    return Outcome::done;
}

Result<Outcome> revoke(Database &database, const std::string &name, bool json)
{
    const auto revoked = database.query("DELETE FROM wac_api_tokens"
                                        " WHERE name = $1 RETURNING name, role,"
                                        "    created_at, expires_at",
                                        {name});
    if (!revoked) {
        return tl::make_unexpected(revoked.error());
    }
    if (revoked->empty()) {
        return failure(ErrorCode::refused, "token: no token " + name);
    }
    if (json) {
        print_json(json_row(*revoked, 0));
    } else {
        print_line("token " + name + " is worth nothing any more");
    }
    return Outcome::done;
}

void add_create(CLI::App &token, CommandLine &line)
{
    auto *command = token.add_subcommand(
        "create", "Make a token for a person or a program");
    auto made = std::make_shared<NewToken>();
    command
        ->add_option("NAME", made->name,
                     "Whose it is: what they did is "
                     "kept under this name")
        ->required()
        ->check(token_name());
    command
        ->add_option("--role", made->role,
                     "viewer: sees; operator: also commands terminals and "
                     "approves them; admin: also manages tokens and sees "
                     "templates")
        ->required()
        ->check(CLI::IsMember(
            std::vector<std::string>{"viewer", "operator", "admin"}));
    command
        ->add_option_function<std::string>(
            "--expires",
            [made](const std::string &text) {
                made->expires_s = duration_seconds(text, kMostDays);
            },
            "Worth nothing after this time: 12h, 30d, 365d; default: never")
        ->check(duration(kMostDays));
    command->footer("The token is the last line, and printed only once: the "
                    "database keeps its hash. It goes\ninto \"Authorization: "
                    "Bearer\", into \"?token=\" or, of a dashboard, into its "
                    "subscribe\nmessage.\n\nExample: wacctl token create "
                    "reception --role operator --expires 365d");
    on_database(*command, line, [&line, made](Database &database) {
        return create(database, *made, line.json);
    });
}

void add_list(CLI::App &token, CommandLine &line)
{
    auto *command = token.add_subcommand(
        "list", "List tokens: whose they are, and when they were used last");
    on_database(*command, line, [&line](Database &database) {
        return list(database, line.json);
    });
}

void add_revoke(CLI::App &token, CommandLine &line)
{
    auto *command = token.add_subcommand("revoke", "Take a token back");
    auto name = std::make_shared<std::string>();
    command->add_option("NAME", *name, "Whose it is")->required();
    command->footer("Example: wacctl token revoke reception");
    on_database(*command, line, [&line, name](Database &database) {
        return revoke(database, *name, line.json);
    });
}

} // namespace

void add_token_commands(CLI::App &program, CommandLine &line)
{
    auto *token = program.add_subcommand(
        "token", "Make and revoke tokens of people and programs");
    token->require_subcommand(1);
    add_create(*token, line);
    add_list(*token, line);
    add_revoke(*token, line);
}

} // namespace wac::ctl
