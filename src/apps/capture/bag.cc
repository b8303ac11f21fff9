// apps/capture/bag.cc: bags (BagIt 1.0, RFC 8493) with SHA-256 manifests.

#include <algorithm>
#include <map>

#include "apps/capture/disk.h"
#include "apps/capture/naming.h"
#include "apps/capture/verify.h"
#include "apps/capture/writer.h"
#include "base/version.h"

namespace lares::capture {

namespace {

constexpr std::string_view manifest = "manifest-sha256.txt",
                           tag_manifest = "tagmanifest-sha256.txt";

/// RFC 8493, 2.1.3: a path's line ends and percent signs are encoded; names of ours have none, the
/// names of others might.
std::string encoded(std::string_view path) {
    std::string out;
    for (char c : path) {
        if (c == '%')
            out += "%25";
        else if (c == '\n')
            out += "%0A";
        else if (c == '\r')
            out += "%0D";
        else
            out += c;
    }
    return out;
}

std::string decoded(std::string path) {
    for (auto const& [code, meaning] :
         std::map<std::string, std::string>{{"%0A", "\n"}, {"%0D", "\r"}, {"%25", "%"}})
        for (std::size_t at = 0; (at = path.find(code, at)) != path.npos; ++at)
            path.replace(at, code.size(), meaning);
    return path;
}

/// Digest by path, of a manifest.
Result<std::map<std::string, std::string>> read_manifest(std::string const& path) {
    auto const all = TRY(disk::read_all(path));
    std::map<std::string, std::string> out;
    for (std::size_t at = 0; at < all.size();) {
        auto end = std::min(all.find('\n', at), all.size());
        auto line = all.substr(at, end - at);
        at = end + 1;
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (line.empty()) continue;
        auto file = line.find_first_not_of(" \t*", 64);
        if (line.size() < 66 || file == line.npos)
            return Error{Error::Kind::invalid, path + ": a line is no digest and path"};
        out[decoded(line.substr(file))] = line.substr(0, 64);
    }
    return out;
}

}  // namespace

Result<> make_bag(std::string const& archive, std::string const& source, std::string const& folder,
                  std::int64_t now_seconds) {
    if (disk::exists(folder))
        return Error{Error::Kind::conflict, "'" + folder + "' is there already"};
    auto const root = source_folder(archive, source);
    std::vector<std::string> files;
    for (auto& file : disk::files_below(root))
        if (file.front() != '.') files.push_back(std::move(file));
    if (files.empty()) return Error{Error::Kind::not_found, "'" + root + "' has no finished file"};
    TRY(disk::make_folders(folder + "/data"));
    std::string lines;
    std::int64_t bytes = 0;
    for (auto const& file : files) {
        auto const to = "data/" + source + "/" + file;
        // Books grow, so their bytes are copied; archive files never change in place.
        if (file == "gaps.jsonl" || file == "removals.jsonl") {
            TRY(disk::make_folders(folder + "/data/" + source));
            auto const bytes_now = TRY(disk::read_all(root + "/" + file));
            TRY(disk::replace(folder + "/" + to, bytes_now));
        } else {
            TRY(disk::link_or_copy(root + "/" + file, folder + "/" + to));
        }
        bytes += TRY(disk::size_of(folder + "/" + to));
        lines += TRY(disk::digest(folder + "/" + to)) + "  " + encoded(to) + "\n";
    }
    std::map<std::string, std::string> const tags = {
        {"bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"},
        {"bag-info.txt", "Bagging-Date: " + print_utc(now_seconds).substr(0, 10) +
                             "\nBag-Software-Agent: lares-capture " + std::string(version()) +
                             "\nExternal-Identifier: " + source + "\nPayload-Oxum: " +
                             std::to_string(bytes) + "." + std::to_string(files.size()) + "\n"},
        {std::string(manifest), lines},
    };
    std::string tag_lines;
    for (auto const& [name, text] : tags) {
        TRY(disk::replace(folder + "/" + name, text));
        tag_lines += TRY(disk::digest(folder + "/" + name)) + "  " + name + "\n";
    }
    return disk::replace(folder + "/" + std::string(tag_manifest), tag_lines);
}

Result<Verified> verify_bag(std::string const& folder) {
    Verified report;
    auto listed = TRY(read_manifest(folder + "/" + std::string(manifest)));
    auto const tags = TRY(read_manifest(folder + "/" + std::string(tag_manifest)));
    for (auto const& file : disk::files_below(folder + "/data"))
        if (!listed.contains("data/" + file))
            report.faults.push_back("data/" + file + ": is in no manifest");
    listed.insert(tags.begin(), tags.end());
    for (auto const& [file, digest] : listed) {
        ++report.files;
        auto found = disk::digest(folder + "/" + file);
        if (!found)
            report.faults.push_back(found.error().what);
        else if (*found != digest)
            report.faults.push_back(file + ": has the SHA-256 " + *found + "; the manifest says " +
                                    digest);
    }
    return report;
}

}  // namespace lares::capture
