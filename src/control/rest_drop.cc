// control/rest_drop.cc: PUT folders/NAME/files/FILE: a file into a hot folder, as the page does
// when somebody drops one on it.
//
// The folder takes it as it takes any other file: written under a name it ignores, then renamed. An
// Idempotency-Key is not needed: a second file of the name is refused while the first is there.

#include <string>

#include "control/rest_face.h"
#include "control/work_house.h"
#include "text/json.h"

namespace lares::control {

namespace {

int status_of_drop(Error::Kind kind) {
    if (kind == Error::Kind::not_found) return 404;
    return kind == Error::Kind::invalid ? 400 : 503;
}

}  // namespace

void RestFace::drop(Request const& request, RouteFound const& found, Caller const& caller) {
    auto id = request.request;
    if (caller.role < Role::operator_)
        return problem(id, 403, "no-role",
                       {{}, refusal_of(caller, "dropping files", Role::operator_), {}});
    auto const& folder = found.captured.front().second;
    auto const& file = found.captured.back().second;
    open_.emplace(id, UnderWay{});
    tools_.house.work().drop_file(
        folder, file, request.body, signed_by(caller), [this, id](Result<std::string> const& path) {
            // Who has gone is not answered; the file is there.
            if (open_.erase(id) == 0) return;
            if (!path) {
                int status = status_of_drop(path.error().kind);
                auto field = status == 404 ? "folder" : status == 400 ? "file" : "";
                return problem(id, status, "not-dropped", {field, path.error().what, {}});
            }
            std::string body = "{\"path\":";
            text::append_json(body, *path);
            reply_json(id, 201, body + "}");
        });
}

}  // namespace lares::control
