// control/system_operations.cc: what the table tells about itself, and several calls in one.

#include "control/operation_functions.h"
#include "control/operations.h"
#include "control/signature.h"

namespace lares::control {

/// Clients of supervisord compare this list with theirs: it has supervisord's methods and no other
/// (docs/decisions/0011-roles-and-routes.md).
void list_methods(Call call, Parameters const&) {
    text::Array names;
    for (auto const& row : operations())
        if (!row.name.starts_with("lares.")) names.emplace_back(std::string(row.name));
    call.answer(std::move(names));
}

void list_all_methods(Call call, Parameters const&) {
    text::Array names;
    for (auto const& row : operations()) names.emplace_back(std::string(row.name));
    call.answer(std::move(names));
}

void method_help(Call call, Parameters const& parameters) {
    auto const* row = find_operation(*parameters[0].text());
    if (!row) return call.fail(Fault::signature_unsupported);
    std::string help(row->help);
    if (!row->alias_of.empty())
        help.append(" (another name for ").append(row->alias_of).append(")");
    call.answer(std::move(help));
}

void method_signature(Call call, Parameters const& parameters) {
    auto const* row = find_operation(*parameters[0].text());
    if (!row) return call.fail(Fault::signature_unsupported);
    text::Array types;
    for (auto& type : signature_types(row->signature)) types.emplace_back(std::move(type));
    call.answer(std::move(types));
}

void multicall(Call call, Parameters const& parameters) { call.run_each(*parameters[0].array()); }

}  // namespace lares::control
