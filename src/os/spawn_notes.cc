// os/spawn_notes.cc: a ring of notes, by run.

#include "os/spawn_notes.h"

namespace lares::os {

SpawnNotes::SpawnNotes(FdStore& store) {
    auto region = Region::open(store, "spawns", count * sizeof(Note));
    if (region) region_.emplace(std::move(region).take());
}

SpawnNotes::Note& SpawnNotes::note(ports::RunId run) const {
    return static_cast<Note*>(region_->data())[static_cast<std::uint64_t>(run) % count];
}

int* SpawnNotes::begin(ports::RunId run) {
    if (!region_) return nullptr;
    Note& made = note(run);
    made.pid = 0;  // first, so that no other run's pid is ever seen under this one
    made.run = static_cast<std::uint64_t>(run);
    return reinterpret_cast<int*>(&made.pid);
}

void SpawnNotes::forget(ports::RunId run) {
    if (region_ && note(run).run == static_cast<std::uint64_t>(run)) note(run).pid = 0;
}

int SpawnNotes::find(ports::RunId run) const {
    if (!region_ || note(run).run != static_cast<std::uint64_t>(run)) return 0;
    return note(run).pid;
}

}  // namespace lares::os
