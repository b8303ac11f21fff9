// os/temporary_test.h: a folder for the length of a test.

#pragma once

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "os/files.h"

namespace lares::os::testing {

class Temporary {
public:
    Temporary() {
        std::string name = temporary_directory() + "/lares-test-XXXXXX";
        root_ = ::mkdtemp(name.data());
    }
    ~Temporary() {
        ::nftw(
            root_.c_str(),
            [](char const* path, struct stat const*, int, FTW*) { return ::remove(path); }, 16,
            FTW_DEPTH | FTW_PHYS);
    }
    Temporary(Temporary const&) = delete;
    Temporary& operator=(Temporary const&) = delete;

    /// The path of `name` in it; of itself for "".
    std::string path(std::string const& name) const {
        return name.empty() ? root_ : root_ + "/" + name;
    }
    void make_directory(std::string const& name) const {
        for (std::size_t end = name.find('/');; end = name.find('/', end + 1)) {
            ::mkdir(path(name.substr(0, end)).c_str(), 0755);
            if (end == std::string::npos) return;
        }
    }
    /// Writes a file, with the folders on its way.
    void write(std::string const& name, std::string const& text, mode_t mode = 0644) const {
        std::size_t slash = name.rfind('/');
        if (slash != std::string::npos) make_directory(name.substr(0, slash));
        std::ofstream(path(name)) << text;
        ::chmod(path(name).c_str(), mode);
    }

private:
    std::string root_;
};

}  // namespace lares::os::testing
