// control/rest_drop.cc: PUT folders/NAME/files/FILE: a file into a hot folder, as the page does
// when somebody drops one on it.
//
// The folder takes it as it takes any other file: written under a name it ignores, then renamed,
// and never onto another: a second one of the name gets another. So a request that is sent again,
// since its answer was lost, needs its Idempotency-Key.

#include <string>

#include "control/rest_face.h"
#include "control/rest_json.h"
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
    Asked asked{.id = request.request, .route = found.route};
    if (caller.role < Role::operator_)
        return problem(asked.id, 403, "no-role",
                       {{}, refusal_of(caller, "dropping files", Role::operator_), {}});
    if (!begin_replay(request, caller, asked)) return;
    auto const& folder = found.captured.front().second;
    auto const& file = found.captured.back().second;
    open_[asked.id].replay = asked.replay;
    tools_.house.work().drop_file(
        folder, file, request.body, signed_by(caller),
        [this, asked](Result<std::string> const& path) {
            // Who has gone is not answered; the file is there.
            if (!open_.contains(asked.id)) return;
            if (!path) {
                int status = status_of_drop(path.error().kind);
                auto field = status == 404 ? "folder" : status == 400 ? "file" : "";
                JobFault const fault{field, path.error().what, {}};
                return problem(asked, status, problem_of(status, "not-dropped", fault));
            }
            std::string body = "{\"path\":";
            text::append_json(body, *path);
            send(asked, {.status = 201,
                         .headers = {{"Content-Type", "application/json"}},
                         .body = body + "}"});
        });
}

}  // namespace lares::control
