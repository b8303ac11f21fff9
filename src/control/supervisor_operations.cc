// control/supervisor_operations.cc: the daemon itself, and what is known of its processes.

#include "control/describe.h"
#include "control/operation_functions.h"
#include "control/operation_parts.h"

namespace lares::control {

namespace {

/// supervisorctl talks to no other; and the supervisord that the rest of the interface is made
/// after.
constexpr char api_version[] = "3.0";
constexpr char supervisor_version[] = "4.2.5";

LocalOffset offset_of(House const& house) {
    return [&house](WallTime at) { return house.local_offset_seconds(at); };
}

}  // namespace

void get_api_version(Call call, Parameters const&) { call.answer(api_version); }

void get_supervisor_version(Call call, Parameters const&) { call.answer(supervisor_version); }

void get_identification(Call call, Parameters const&) { call.answer(call.house().identifier()); }

void get_state(Call call, Parameters const&) {
    auto state = call.house().daemon_state();
    call.answer(text::Struct{{"statecode", static_cast<int>(state)}, {"statename", name(state)}});
}

void get_pid(Call call, Parameters const&) { call.answer(call.house().pid()); }

void shut_down(Call call, Parameters const&) {
    call.house().ask_shutdown();
    call.answer(true);
}

void restart_daemon(Call call, Parameters const&) {
    call.house().ask_restart([call](Result<> result) {
        if (result) return call.answer(true);
        bool late = result.error().kind == Error::Kind::conflict;  // it is ending already
        call.fail(late ? Fault::shutdown_state : Fault::cant_reread, result.error().what);
    });
}

void send_remote_comm_event(Call call, Parameters const& parameters) {
    call.house().send_remote_event(*parameters[0].text(), *parameters[1].text());
    call.answer(true);
}

void get_process_info(Call call, Parameters const& parameters) {
    auto const& namespec = *parameters[0].text();
    auto const& house = call.house();
    auto index = find_process(house, namespec);
    if (!index) return call.fail(Fault::bad_name, namespec);
    call.answer(process_info(house.info(*index), house.wall(), offset_of(house)));
}

void get_all_process_info(Call call, Parameters const&) {
    auto const& house = call.house();
    auto now = house.wall();
    auto offset = offset_of(house);
    text::Array all;
    all.reserve(static_cast<std::size_t>(house.process_count()));
    for (auto index : house.by_name()) all.push_back(process_info(house.info(index), now, offset));
    call.answer(std::move(all));
}

}  // namespace lares::control
