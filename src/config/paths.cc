// config/paths.cc: os.path.normpath and os.path.expanduser, in short.

#include "config/paths.h"

#include <algorithm>
#include <vector>

namespace lares::config {

std::string absolute_path(std::string_view path, std::string_view base) {
    std::string whole(path);
    if (!path.starts_with('/')) whole = std::string(base) + "/" + whole;
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at < whole.size();) {
        std::size_t end = std::min(whole.find('/', at), whole.size());
        std::string_view part = std::string_view(whole).substr(at, end - at);
        at = end + 1;
        if (part.empty() || part == ".") continue;
        if (part != "..") {
            parts.push_back(part);
        } else if (!parts.empty()) {
            parts.pop_back();
        }
    }
    std::string out;
    for (auto part : parts) out.append("/").append(part);
    return out.empty() ? "/" : out;
}

std::string_view directory_of(std::string_view path) {
    std::size_t slash = path.rfind('/');
    if (slash == path.npos) return "";
    return path.substr(0, std::max<std::size_t>(slash, 1));
}

std::string expand_home(World const& world, std::string_view path) {
    if (!path.starts_with('~')) return std::string(path);
    std::size_t end = std::min(path.find('/'), path.size());
    std::string home = world.home;
    if (end > 1) {
        auto user = world.find_user(std::string(path.substr(1, end - 1)));
        if (!user) return std::string(path);
        home = user->home;
    }
    while (home.ends_with('/')) home.pop_back();
    home.append(path.substr(end));
    return home.empty() ? "/" : home;
}

}  // namespace lares::config
