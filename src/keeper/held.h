// keeper/held.h: the descriptors that are held, by name.

#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lares::keeper {

class Held {
public:
    /// Eight for each of 20,000 processes, and room for the rest.
    static constexpr std::size_t most = 200'000;

    Held() = default;
    Held(Held const&) = delete;
    Held& operator=(Held const&) = delete;
    ~Held();

    /// Owns `descriptor` from now on; replaces, and closes, the one of the same name. False, with
    /// the descriptor closed: the name is empty, too long or has a zero, or `most` are held.
    bool keep(std::string_view name, int descriptor);
    void drop(std::string_view name);
    /// -1: none.
    int find(std::string const& name) const;
    std::vector<std::string> names() const;

private:
    std::map<std::string, int, std::less<>> descriptors_;
};

}  // namespace lares::keeper
