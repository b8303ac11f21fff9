// daemon/hot_folders_test.cc: every trap of hot folders (spec/triggers.md §6), and deaths at
// random.

#include "daemon/hot_folders.h"

#include <doctest/doctest.h>

#include "daemon/folder_payload.h"
#include "daemon/hot_folders_world_test.h"
#include "text/base64.h"

using namespace lares;
using namespace lares::daemon;
using namespace lares::daemon::testing;
using After = config::Folder::After;
using Duplicates = config::Folder::Duplicates;

namespace {

bool has(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a closed file makes one job, and lies in the done folder when that is done") {
    FolderWorld world;
    world.start();
    world.pass(50ms);
    world.intake.write("/in/x.pdf", "text");
    world.pass(200ms);
    CHECK(world.count(job::State::done) == 1);
    CHECK(world.intake.has("/in/done/x.pdf"));
    CHECK(world.rows("done") == "/in/x.pdf");
    auto const& row = world.disk.files.begin()->second;
    CHECK(row.destination == "/in/done/x.pdf");
    CHECK(world.disk.jobs.at(row.job).payload ==
          R"({"file":"/in/x.pdf","name":"x.pdf","folder":"in","size":4})");
    CHECK_FALSE(world.hot->deadline());
}

TEST_CASE("a job that fails has its file moved to the failed folder, without replacing another") {
    FolderWorld world;
    world.outcome = job::State::dead;
    world.intake.write("/in/failed/x", "old");
    world.start();
    world.intake.write("/in/x", "new");
    world.pass(2s);
    CHECK(world.intake.has("/in/failed/x-1"));
    CHECK(world.rows("failed") == "/in/x");
    CHECK(world.words_of("/in/x") == "failed: dead");
}

TEST_CASE("half-written file: no job while it is written, one when it is closed") {
    FolderWorld world;
    world.start();
    world.pass(50ms);
    world.intake.open("/in/x");
    for (int i = 0; i < 20; i++) {
        world.intake.append("/in/x", "more");
        world.pass(2s);
    }
    CHECK(world.disk.jobs.empty());
    CHECK(*world.hot->reason("/in/x") == "waits: somebody has it open for writing");
    CHECK(world.hot->infos()[0].waiting == 1);
    world.intake.close("/in/x");
    world.pass(200ms);
    CHECK(world.count(job::State::done) == 1);
}

TEST_CASE("writer closes and reopens: one job, after the last") {
    FolderWorld world;
    world.folder.settle = 2s;
    world.start();
    for (int i = 0; i < 5; i++) {
        world.intake.write("/in/x", "part");
        world.pass(1s);
        CHECK(world.disk.jobs.empty());
    }
    world.pass(5s);
    CHECK(world.count(job::State::done) == 1);
    CHECK(has(world.disk.jobs.begin()->second.payload, R"("size":20)"));
}

TEST_CASE("rename into place: at once, while the temporary name made nothing") {
    FolderWorld world;
    world.folder.settle = 1h;
    world.start();
    world.pass(50ms);
    world.intake.write("/in/x.pdf.part", "text");
    world.pass(1s);
    world.intake.rename("/in/x.pdf.part", "/in/x.pdf");
    world.pass(200ms);
    CHECK(world.count(job::State::done) == 1);
}

TEST_CASE("same-directory rename of a waiting file: the row follows the name") {
    FolderWorld world;
    world.start();
    world.is_paused = true;
    world.intake.write("/in/a", "text");
    world.pass(2s);
    CHECK(world.rows("taken") == "/in/a");
    auto row = world.row_of("/in/a");
    world.intake.rename("/in/a", "/in/b");
    world.pass(2s);
    CHECK(world.rows("taken") == "/in/b");
    CHECK(world.row_of("/in/b") == row);
    CHECK(world.count(job::State::skipped) == 1);
    world.is_paused = false;
    world.pass(2s);
    CHECK(world.count(job::State::done) == 1);
    CHECK(world.intake.has("/in/done/b"));
}

TEST_CASE("a file renamed while its job works is found at its end") {
    FolderWorld world;
    world.at_work = [&](job::Job const&) { world.intake.rename("/in/a", "/in/b"); };
    world.start();
    world.intake.write("/in/a", "text");
    world.pass(3s);
    CHECK(world.disk.jobs.size() == 1);
    CHECK(world.intake.files().size() == 1);
    CHECK(world.intake.files().begin()->first.starts_with("/in/done/"));
}

TEST_CASE("event queue overflow: what was missed is found, and a line in the timeline says so") {
    FolderWorld world;
    world.start();
    world.pass(50ms);
    world.intake.overflow();
    for (int i = 0; i < 20; i++) world.intake.write("/in/" + std::to_string(i), "text");
    world.pass(5s);
    CHECK(world.disk.jobs.empty());
    world.intake.mend();
    world.pass(5s);
    CHECK(world.count(job::State::done) == 20);
    CHECK(has(world.noted("folder.overflow"), "the whole folder is read again"));
}

TEST_CASE("NFS, SMB, FUSE: that a folder is polled is told, and is no alarm") {
    FolderWorld world;
    world.start();
    world.pass(50ms);
    world.intake.tell({ports::FolderId{1}, true, true, "notifications do not work on nfs: …"});
    world.pass(50ms);
    CHECK(world.hot->infos()[0].is_polled);
    CHECK(has(world.hot->infos()[0].trouble, "nfs"));
    CHECK(world.noted("folder.trouble") == "");
}

TEST_CASE("watch limit: told as trouble once, and when it is over") {
    FolderWorld world;
    world.start();
    world.pass(50ms);
    world.intake.tell({ports::FolderId{1}, false, true, "raise it"});
    world.intake.tell({ports::FolderId{1}, true, false, ""});
    world.pass(50ms);
    CHECK(world.noted("folder.trouble") == "raise it");
    CHECK(world.noted("folder.well") == "it is well again");
}

TEST_CASE("files waiting at restart: each is taken once, before and after it") {
    FolderWorld world;
    for (int i = 0; i < 10; i++) world.intake.write("/in/" + std::to_string(i), "text");
    world.start();
    world.is_paused = true;
    world.pass(3s);
    CHECK(world.disk.jobs.size() == 10);
    world.die();
    world.intake.write("/in/new", "text");
    world.is_paused = false;
    world.start();
    world.pass(5s);
    CHECK(world.disk.jobs.size() == 11);
    CHECK(world.count(job::State::done) == 11);
}

TEST_CASE("with done = keep a file stays, and is work again only when it changes") {
    FolderWorld world;
    world.folder.done = {};
    world.start();
    world.intake.write("/in/x", "text");
    world.pass(3s);
    CHECK(world.count(job::State::done) == 1);
    CHECK(world.rows("kept") == "/in/x");
    CHECK(has(*world.hot->reason("/in/x"), "done; it lies here since, unchanged"));
    world.die();
    world.start();
    world.intake.rename("/in/x", "/in/y");
    world.pass(3s);
    CHECK(world.disk.jobs.size() == 1);
    CHECK(world.rows("kept") == "/in/y");
    world.intake.write("/in/y", "more");
    world.pass(3s);
    CHECK(world.count(job::State::done) == 2);
    world.intake.erase("/in/y");
    world.pass(3s);
    CHECK(world.rows("kept") == "");
}

TEST_CASE("duplicates: run again, ignore same contents, or ask") {
    FolderWorld world;
    SUBCASE("run") {
        world.start();
        for (int i = 0; i < 3; i++) world.intake.write("/in/x", "same"), world.pass(2s);
        CHECK(world.count(job::State::done) == 3);
    }
    SUBCASE("ignore, whatever the name, also of two at once") {
        world.folder.duplicates = Duplicates::ignore;
        world.start();
        world.intake.write("/in/x", "same");
        world.intake.write("/in/y", "same");
        world.pass(2s);
        world.intake.write("/in/z", "same");
        world.intake.write("/in/other", "other");
        world.pass(2s);
        CHECK(world.count(job::State::done) == 2);
        CHECK(world.rows("ignored").size() == std::string("/in/x /in/z").size());
        CHECK(world.intake.has("/in/done/z"));
        CHECK(has(world.noted("folder.ignored"), "same contents as"));
        CHECK(has(world.disk.jobs.begin()->second.payload, R"("sha256":"hash of )"));
    }
    SUBCASE("ignore, but one that failed may be tried again") {
        world.folder.duplicates = Duplicates::ignore;
        world.outcome = job::State::dead;
        world.start();
        for (int i = 0; i < 2; i++) world.intake.write("/in/x", "same"), world.pass(2s);
        CHECK(world.count(job::State::dead) == 2);
    }
    SUBCASE("ask") {
        world.folder.duplicates = Duplicates::ask;
        world.start();
        for (char const* name : {"/in/x", "/in/y", "/in/z"}) {
            world.intake.write(name, "same");
            world.pass(2s);
        }
        CHECK(world.count(job::State::done) == 1);
        CHECK(world.rows("asked") == "/in/y /in/z");
        world.die();
        world.start();
        world.pass(2s);
        CHECK(world.rows("asked") == "/in/y /in/z");
        std::string answers;
        auto done = [&](Result<> result) { answers += result ? "ok " : result.error().what; };
        world.hot->settle_file(world.row_of("/in/y"), true, "anna", done);
        world.hot->settle_file(world.row_of("/in/z"), false, "anna", done);
        world.pass(3s);
        CHECK(answers == "ok ok ");
        CHECK(world.count(job::State::done) == 2);
        CHECK(world.rows("kept") == "/in/z");
        CHECK(world.words_of("/in/z") == "left by anna");
        world.hot->settle_file(world.row_of("/in/z"), true, "anna", done);
        CHECK(has(answers, "does not wait for anybody"));
    }
}

TEST_CASE("names: a path that is not UTF-8 comes exactly, as base64") {
    settle::Claim claim{"k", {{.path = "/in/\xff\n-\"x"}}, 0};
    CHECK(folder_payload("in", claim, "") ==
          "{\"file\":\"/in/\xef\xbf\xbd\\n-\\\"x\",\"name\":\"\xef\xbf\xbd\\n-\\\"x\",\"folder\":"
          "\"in\",\"size\":0,\"path_base64\":\"L2luL/8KLSJ4\"}");
    CHECK(text::encode_base64("") == "");
    CHECK(text::encode_base64("a") == "YQ==");
    CHECK(text::encode_base64("ab") == "YWI=");
    CHECK(text::encode_base64("abc") == "YWJj");
    // NFC and NFD are two names and stay two; as duplicates they are compared by contents.
    settle::Claim nfc{"k", {{.path = "/in/\xc3\xa9"}}, 0}, nfd{"k", {{.path = "/in/e\xcc\x81"}}, 0};
    CHECK(folder_once("in", nfc) != folder_once("in", nfd));
}

TEST_CASE("directory as one job, and parts that belong together") {
    FolderWorld world;
    SUBCASE("folder") {
        world.folder.unit = config::Folder::Unit::folder;
        world.start();
        world.pass(50ms);
        world.intake.change("/in/job", [](auto& file) { file.is_folder = true, file.files = 3; });
        world.pass(5s);
        CHECK(world.count(job::State::done) == 1);
        CHECK(has(world.disk.jobs.begin()->second.payload, R"("count":3)"));
        CHECK(world.intake.has("/in/done/job"));
    }
    SUBCASE("set, whose orphans raise an alarm") {
        world.folder.unit = config::Folder::Unit::set;
        world.folder.set = {"*.pdf", "*.xml"};
        world.folder.set_timeout = 10min;
        world.start();
        world.intake.write("/in/a.xml", "x");
        world.intake.write("/in/b.xml", "x");
        world.intake.write("/in/a.pdf", "p");
        world.pass(5s);
        CHECK(world.count(job::State::done) == 1);
        CHECK(has(world.disk.jobs.begin()->second.payload, R"("files":["/in/a.pdf","/in/a.xml"])"));
        CHECK(world.intake.has("/in/done/a.pdf"));
        CHECK(world.intake.has("/in/done/a.xml"));
        world.pass(11min);
        CHECK(has(world.noted("folder.orphan"), "its companion '*.pdf' did not come"));
        CHECK(world.rows("problem") == "/in/b.xml");
        world.intake.write("/in/b.pdf", "p");
        world.pass(5s);
        CHECK(world.count(job::State::done) == 2);
        CHECK(world.rows("problem") == "");
    }
}

TEST_CASE("symlinks, FIFOs, devices: parked with the reason") {
    FolderWorld world;
    world.start();
    world.pass(50ms);
    world.intake.change("/in/fifo", [](auto& file) { file.is_special = true; });
    world.pass(1s);
    CHECK(world.rows("problem") == "/in/fifo");
    CHECK(has(world.words_of("/in/fifo"), "no regular file"));
    CHECK(world.hot->infos()[0].problems == 1);
}

TEST_CASE("tool writes its result into the same folder: no loop, whatever it does") {
    FolderWorld world;
    world.folder.done = {};
    SUBCASE("it changes its input") {
        world.at_work = [&](job::Job const&) { world.intake.write("/in/x.pdf", "more"); };
    }
    SUBCASE("it replaces its input") {
        world.at_work = [&](job::Job const&) {
            world.intake.write("/tmp/x", "other");
            world.intake.rename("/tmp/x", "/in/x.pdf");
        };
    }
    SUBCASE("it names its output") {
        world.at_work = [&](job::Job const& job) {
            world.hot->on_output(job.id, "x.out.pdf");
            world.intake.write("/in/x.out.pdf", "result");
        };
    }
    world.start();
    world.intake.write("/in/x.pdf", "text");
    world.pass(1min);
    CHECK(world.disk.jobs.size() == 1);
    CHECK(has(world.rows("kept"), "/in/x.pdf"));
}

TEST_CASE("outputs that nobody names go round a few times, and then are a question") {
    FolderWorld world;
    int made = 0;
    world.work = 20ms;
    world.at_work = [&](job::Job const& job) {
        std::string path = job.payload.substr(9, job.payload.find('"', 9) - 9);
        world.intake.write(path + ".out", std::to_string(made++));
    };
    world.start();
    world.pass(50ms);
    world.intake.write("/in/x", "text");
    world.pass(1min);
    CHECK(world.disk.jobs.size() <= 12);
    CHECK(has(world.rows("asked"), ".out"));
    CHECK(has(world.noted("folder.asked"), "looks like what the task made"));
    // Numbered files that come while others are worked on are none of that.
    world.at_work = {};
    std::string name = "/in/9";
    for (int i = 0; i < 30; i++) world.intake.write(name += "9", "text"), world.pass(10ms);
    auto before = world.rows("asked");
    world.pass(1min);
    CHECK(world.rows("asked") == before);
}

TEST_CASE("delete while waiting or working: withdrawn, and no alarm") {
    FolderWorld world;
    SUBCASE("before there is a job") {
        world.folder.settle = 10s;
        world.start();
        world.intake.write("/in/x", "text");
        world.pass(1s);
        world.intake.erase("/in/x");
        world.pass(1min);
        CHECK(world.disk.jobs.empty());
        CHECK(has(world.noted("folder.withdrawn"), "removed while it waited"));
    }
    SUBCASE("while its job waits") {
        world.is_paused = true;
        world.start();
        world.intake.write("/in/x", "text");
        world.pass(3s);
        world.intake.erase("/in/x");
        world.pass(3s);
        CHECK(world.count(job::State::skipped) == 1);
        CHECK(world.rows("withdrawn") == "/in/x");
    }
    SUBCASE("while its job works") {
        world.at_work = [&](job::Job const&) { world.intake.erase("/in/x"); };
        world.start();
        world.intake.write("/in/x", "text");
        world.pass(3s);
        CHECK(world.count(job::State::done) == 1);
        CHECK(world.rows("done") == "/in/x");
        CHECK(has(world.words_of("/in/x"), "it was not there any more"));
    }
    CHECK(world.noted("folder.problem") == "");
    CHECK(world.hot->infos()[0].taken == 0);
}

TEST_CASE("permission or owner wrong: parked with the reason, taken when that changes") {
    FolderWorld world;
    world.start();
    world.pass(50ms);
    world.intake.change("/in/x", [](auto& file) { file.is_readable = false; });
    world.pass(3s);
    CHECK(world.rows("problem") == "/in/x");
    world.die();
    world.start();
    world.pass(3s);
    CHECK(world.rows("problem") == "/in/x");
    CHECK(world.notes.size() == 1);
    world.intake.change("/in/x", [](auto& file) { file.is_readable = true; });
    world.pass(3s);
    CHECK(world.count(job::State::done) == 1);
    CHECK(world.rows("problem") == "");
    CHECK(world.disk.files.size() == 1);
}

TEST_CASE("disk full or read-only: intake pauses, one alarm, no busy loop") {
    FolderWorld world;
    world.start();
    world.pass(50ms);
    SUBCASE("the store's") {
        world.put_error = "database or disk is full";
        world.intake.write("/in/x", "text");
        world.pass(1h);
        world.put_error = "";
    }
    SUBCASE("the done folder's") {
        world.intake.set_move_error("create '/in/done': no space left on device");
        world.intake.write("/in/x", "text");
        world.pass(3s);
        for (int i = 0; i < 50; i++) world.intake.write("/in/" + std::to_string(i), "text");
        world.pass(1h);
        CHECK(world.disk.jobs.size() == 1);
        CHECK(has(*world.hot->reason("/in/7"), "no space left on device"));
        world.intake.set_move_error("");
    }
    CHECK(world.turns < 1000);
    CHECK(has(world.hot->infos()[0].blocked, world.put_error));
    world.pass(3min);
    CHECK(std::ranges::count(world.notes, "folder.paused", &Noted::kind) == 1);
    CHECK(world.noted("folder.resumed") == "it takes in files again");
    CHECK(world.count(job::State::done) == world.disk.jobs.size());
    CHECK(world.intake.has("/in/done/x"));
}

TEST_CASE("a database that is closed stops the intake until it is open") {
    FolderWorld world;
    world.start();
    world.pass(50ms);
    world.store->is_well = false;
    world.intake.write("/in/x", "text");
    world.pass(1min);
    CHECK(world.disk.jobs.empty());
    CHECK(world.hot->infos()[0].blocked == "the database cannot be written: disk full");
    world.store->is_well = true;
    world.pass(1s);
    CHECK(world.count(job::State::done) == 1);
}

TEST_CASE(
    "back-pressure: a full task makes its folder stop claiming, and go on when there is room") {
    FolderWorld world;
    world.queue_max = 5;
    world.is_paused = true;
    world.start();
    world.pass(50ms);
    for (int i = 0; i < 3000; i++) {
        world.intake.write("/in/" + std::to_string(i), "text");
        if (i % 10 == 0) world.pass(1ms);
    }
    world.pass(3s);
    CHECK(world.disk.jobs.size() == 5);
    CHECK(world.hot->infos()[0].blocked == "task 'work' is full");
    CHECK(has(*world.hot->reason("/in/2999"), "waits for its task: task 'work' is full"));
    world.is_paused = false;
    world.workers = 50;
    world.pass(1min);
    CHECK(world.count(job::State::done) == 3000);
    CHECK(world.refused < 3000);  // not all of them again for each place
}

TEST_CASE("crash after the tool succeeded, before the move: the move is done by the next daemon") {
    FolderWorld world;
    world.start();
    world.pass(50ms);
    world.intake.set_move_error("not yet");
    world.intake.write("/in/x", "text");
    world.pass(3s);
    CHECK(world.rows("moving") == "/in/x");
    world.die();
    world.intake.set_move_error("");
    world.start();
    world.pass(3s);
    CHECK(world.rows("done") == "/in/x");
    CHECK(world.intake.has("/in/done/x"));
    CHECK(world.disk.jobs.size() == 1);
}

TEST_CASE("a dead job that is tried again finds its file where it was") {
    FolderWorld world;
    world.outcome = job::State::dead;
    world.start();
    world.pass(50ms);
    world.intake.write("/in/x", "text");
    world.pass(3s);
    CHECK(world.intake.has("/in/failed/x"));
    job::Id job = world.disk.jobs.begin()->first;
    bool is_back = false;
    world.hot->revive(job, [&](Result<> result) {
        is_back = result.ok();
        world.disk.jobs[job].state = job::State::ready;
        world.ready.insert(job);
    });
    world.outcome = job::State::done;
    world.pass(5s);
    CHECK(is_back);
    CHECK(world.disk.jobs.size() == 1);
    CHECK(world.count(job::State::done) == 1);
    CHECK(world.intake.has("/in/done/x"));
    CHECK(world.rows("done") == "/in/x");
}

TEST_CASE("nothing came at all: how many came since then is known, after a restart as well") {
    FolderWorld world;
    world.start();
    world.pass(1min);
    WallTime six = world.hands().wall();
    CHECK(world.hot->arrived_since("in", six) == 0);
    world.pass(1min);
    world.intake.write("/in/a", "text");
    world.intake.write("/in/b", "text");
    world.pass(3s);
    CHECK(world.hot->arrived_since("in", six) == 2);
    CHECK(world.hot->arrived_since("other", six) == 0);
    world.die();
    world.start();
    world.pass(3s);
    CHECK(world.hot->arrived_since("in", six) == 2);
    CHECK(world.hot->arrived_since("in", six + 2min) == 0);
}

TEST_CASE("a folder inside its own done folder is not watched, and says why") {
    FolderWorld world;
    world.folder.done = {After::What::move, "/"};
    world.intake.write("/in/x", "text");
    world.start();
    world.pass(1min);
    CHECK(world.disk.jobs.empty());
    CHECK(has(world.noted("folder.trouble"), "lies inside it"));
    CHECK(has(world.hot->infos()[0].blocked, "done = move:/"));
}

TEST_CASE(
    "another configuration goes on from the rows; a folder that is gone finishes what it took") {
    FolderWorld world;
    world.is_paused = true;
    world.start();
    world.pass(50ms);
    world.intake.write("/in/x", "text");
    world.pass(3s);
    SUBCASE("changed") {
        world.folder.done = {After::What::move, "other"};
        world.hot->configure({world.folder});
        world.pass(3s);
        CHECK(world.disk.jobs.size() == 1);
        world.is_paused = false;
        world.pass(3s);
        CHECK(world.intake.has("/in/other/x"));
    }
    SUBCASE("gone") {
        world.hot->configure({});
        CHECK(world.hot->infos().empty());
        CHECK_FALSE(world.intake.is_watched("/in"));
        world.is_paused = false;
        world.intake.write("/in/y", "text");
        world.pass(3s);
        CHECK(world.intake.has("/in/done/x"));
        CHECK(world.intake.has("/in/y"));
    }
    CHECK(world.count(job::State::done) == 1);
}
