// The terminals: which there are, and which of them are trusted.
#include "device_commands.hpp"

#include "device_changes.hpp"
#include "device_cloud.hpp"
#include "device_proof.hpp"
#include "device_view.hpp"
#include "json_rows.hpp"

namespace wac::ctl
{

namespace
{

const std::vector<std::string> kStates{"pending", "approved", "blocked"};
const std::vector<std::string> kProtocols{"fk", "cloud", "type", "xml"};

constexpr const char *kZoneHelp =
    "IANA time zone of the terminal's clock, such as Asia/Jakarta";

void add_list(CLI::App &device, CommandLine &line)
{
    auto *command = device.add_subcommand("list", "List devices");
    auto filter = std::make_shared<DeviceFilter>();
    command->add_option("--state", filter->state, "Only devices in this state")
        ->check(CLI::IsMember(kStates));
    command->add_option("--protocol", filter->protocol, "Only this dialect")
        ->check(CLI::IsMember(kProtocols));
    command->footer("Example: wacctl device list --state pending");
    on_database(*command, line,
                [&line, filter](Database &database) -> Result<Outcome> {
                    const auto devices = find_devices(database, *filter);
                    if (!devices) {
                        return tl::make_unexpected(devices.error());
                    }
                    if (line.json) {
                        print_json(json_rows(*devices));
                    } else {
                        print_devices(*devices);
                    }
                    return Outcome::done;
                });
}

Result<Outcome> show(Database &database, const std::string &sn, bool json)
{
    const auto device = find_device(database, sn);
    if (!device) {
        return tl::make_unexpected(device.error());
    }
    if (json) {
        print_json(json_row(*device, 0));
        return Outcome::done;
    }
    Sheet sheet = device_sheet(*device);
    sheet.add("punches", cell(*device, 0, "attendance_logs"));
    sheet.add("users", cell(*device, 0, "users"));
    sheet.add("quarantined", cell(*device, 0, "quarantined"));
    sheet.add("commands_queued", queued_commands(*device));
    sheet.add("commands_sent", sent_commands(*device));
    sheet.print();
    return Outcome::done;
}

void add_show(CLI::App &device, CommandLine &line)
{
    auto *command =
        device.add_subcommand("show", "Show everything known about one device");
    auto sn = std::make_shared<std::string>();
    command->add_option("SN", *sn, "The device's serial number")->required();
    command->footer("Example: wacctl device show HD00123\n"
                    "What is wrong with it: wacctl doctor HD00123");
    on_database(*command, line, [&line, sn](Database &database) {
        return show(database, *sn, line.json);
    });
}

void add_add(CLI::App &device, CommandLine &line)
{
    auto *command = device.add_subcommand(
        "add", "Make an approved device before its first contact");
    auto made = std::make_shared<NewDevice>();
    command
        ->add_option("SN", made->sn,
                     "Serial number as the terminal spells it; for fk up to 32 "
                     "letters, digits, _ and -")
        ->required();
    command->add_option("--protocol", made->protocol, "The dialect it speaks")
        ->check(CLI::IsMember(kProtocols))
        ->capture_default_str();
    command->add_option("--name", made->name, "A name for people");
    command->add_option("--time-zone", made->time_zone, kZoneHelp);
    command->footer("Example: wacctl device add HD00123 --name \"Main gate\" "
                    "--time-zone Asia/Jakarta");
    on_database(*command, line, [&line, made](Database &database) {
        return add_device(database, *made, line.json);
    });
}

void add_set(CLI::App &device, CommandLine &line)
{
    auto *command = device.add_subcommand(
        "set", "Change a device's name, time zone, the meaning of its modes, "
               "or how the cloud dialect treats it");
    auto change = std::make_shared<DeviceChange>();
    command->add_option("SN", change->sn, "The device's serial number")
        ->required();
    auto *settings = command->add_option_group("Settings");
    settings->add_option("--name", change->name,
                         "A name for people; \"\" for none");
    settings->add_option("--time-zone", change->time_zone,
                         std::string(kZoneHelp) +
                             "; \"\" for the server's. For records that come "
                             "from now on");
    settings->add_option(
        "--io-modes", change->io_modes,
        "What its io_mode numbers mean, as a JSON object of directions in "
        "lower case; \"\" for none. For records that come from now on");
    settings
        ->add_option("--cloud-option", change->cloud_options,
                     "Of a cloud terminal: " + known_cloud_options() +
                         "; \"KEY=\" for the default. May be given several "
                         "times. From its next registration on")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    settings->require_option(1, 0);
    command->footer("Examples: wacctl device set HD00123 --io-modes "
                    "'{\"0\": \"in\", \"1\": \"out\"}'\n"
                    "          wacctl device set ZX0006827500 --cloud-option "
                    "profile=th --cloud-option tryseconds=60");
    on_database(*command, line, [&line, change](Database &database) {
        return set_device(database, *change, line.json);
    });
}

void add_state(CLI::App &device, CommandLine &line, const char *verb,
               const char *state, const char *description)
{
    auto *command = device.add_subcommand(verb, description);
    auto sns = std::make_shared<std::vector<std::string>>();
    command->add_option("SN", *sns, "Serial numbers")->required();
    command->footer(std::string("Example: wacctl device ") + verb +
                    " HD00123 HD00124");
    on_database(*command, line, [&line, sns, state](Database &database) {
        return set_states(database, *sns, state, line.json);
    });
}

void add_token(CLI::App &device, CommandLine &line)
{
    auto *command = device.add_subcommand(
        "token", "Make a device prove itself with a new token");
    struct Options {
        std::string sn;
        bool clear = false;
    };
    auto options = std::make_shared<Options>();
    command->add_option("SN", options->sn, "The device's serial number")
        ->required();
    command->add_flag("--clear", options->clear, "It needs none any more");
    command->footer("The token is the last line, and printed only once: the "
                    "database keeps its hash. A\nterminal sends it over HTTP "
                    "as \"Authorization: Bearer\", \"X-Device-Token\", "
                    "\"?token=\" or in\nits JSON, over a WebSocket in the "
                    "JSON of its reg.\nOne of the dialect type sends it in its "
                    "register, and needs one. One of the dialect\nxml gets "
                    "its token when it registers.\n\nExample: wacctl device "
                    "token ZX0006827500");
    on_database(*command, line, [&line, options](Database &database) {
        return options->clear ? clear_token(database, options->sn, line.json)
                              : make_token(database, options->sn, line.json);
    });
}

void add_reset(CLI::App &device, CommandLine &line)
{
    auto *command = device.add_subcommand(
        "reset", "Let another terminal take a device's place");
    auto sn = std::make_shared<std::string>();
    command->add_option("SN", *sn, "The device's serial number")->required();
    command->footer("Forgets the processor number (cpusn) that its first "
                    "registration bound it to, and its\ntoken: after a repair, "
                    "or when a terminal was replaced under the same serial "
                    "number.\nOne of the dialect xml is given a new token when "
                    "it registers; one of the dialect type\nneeds \"wacctl "
                    "device token\". Its records stay.\n\nExample: wacctl "
                    "device reset ZX0006827500");
    on_database(*command, line, [&line, sn](Database &database) {
        return reset_device(database, *sn, line.json);
    });
}

void add_remove(CLI::App &device, CommandLine &line)
{
    auto *command = device.add_subcommand(
        "remove", "Forget a device; its punches, users and other records stay");
    struct Options {
        std::string sn;
        bool yes = false;
    };
    auto options = std::make_shared<Options>();
    command->add_option("SN", options->sn, "The device's serial number")
        ->required();
    command->add_flag("--yes", options->yes, "Do it");
    command->footer("A removed terminal that is still running comes back as a "
                    "new one at its next contact\n(as pending, unless "
                    "wac_enrolment says otherwise). To keep it out: wacctl "
                    "device block SN\n\nExample: wacctl device remove HD00123 "
                    "--yes");
    on_database(*command, line, [&line, options](Database &database) {
        return remove_device(database, options->sn, options->yes, line.json);
    });
}

} // namespace

void add_device_commands(CLI::App &program, CommandLine &line)
{
    auto *device = program.add_subcommand(
        "device", "List, show, add, approve, block and remove terminals");
    device->require_subcommand(1);
    add_list(*device, line);
    add_show(*device, line);
    add_add(*device, line);
    add_set(*device, line);
    add_state(*device, line, "approve", "approved",
              "Serve these devices from now on");
    add_state(*device, line, "block", "blocked",
              "Refuse everything these devices send from now on");
    add_token(*device, line);
    add_reset(*device, line);
    add_remove(*device, line);
}

} // namespace wac::ctl
