// ports/links.h: looking where a stranger's link leads, without being led into our own house.

#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "ports/post.h"

namespace lares::ports {

class Links {
public:
    virtual ~Links() = default;
    /// One exchange, redirects are answers, bodies are not read. The address that is connected to
    /// is judged, not the name: denied when it is not one of the public Internet, or the
    /// certificate is not to be trusted. Otherwise as Post::call().
    virtual Result<WebAnswer> look(std::string const& method, std::string const& url) = 0;
};

}  // namespace lares::ports
