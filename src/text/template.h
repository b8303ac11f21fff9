// text/template.h: texts with {{places}} filled from values: what people write for their messages.
//
//     {{title}} {{field.host}} {{text|first_line}} {{link|url}}
//     {{#link}}See {{link}}{{/link}} {{^tags}}no tags{{/tags}} {{#tags}}#{{.}} {{/tags}}
//
// A section is said when its value is neither empty, 0 nor false; of a list once for each, which is
// {{.}}. "{{{{" is a literal "{{". What is filled in is escaped for where the text goes, so that no
// value can end a string of JSON, an attribute or a query. No shell, no code, no recursion.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/value.h"

namespace lares::text {

/// What a filled-in value must not break out of.
enum class Target { none, json, url, html, xml };
std::string escape(std::string_view value, Target);

class Template {
public:
    struct Limits {
        std::size_t bytes = 64u << 10;  // of the template
        std::size_t places = 2'000;     // and sections
        std::size_t depth = 8;          // of sections
        std::size_t filled = 4u << 20;  // bytes of what comes out
    };

    /// invalid, with line and column: a place that nothing closes, a section that nothing ends or
    /// begins, a filter that there is not (with the nearest), a name that is none.
    static Result<Template> parse(std::string_view source, Limits limits);
    static Result<Template> parse(std::string_view source) { return parse(source, Limits{}); }
    Template(Template&&) noexcept;
    Template& operator=(Template&&) noexcept;
    ~Template();

    /// Members of the struct `values` by name, "a.b" those within. A name that it does not have is
    /// invalid, placed, with the nearest; of a struct within, it is empty. invalid: longer than
    /// allowed.
    Result<std::string> fill(Value const& values, Target) const;
    /// Names before the first '.', in the order of the text, each once.
    std::vector<std::string> names() const;

private:
    struct Parts;
    explicit Template(std::unique_ptr<Parts>);
    std::unique_ptr<Parts> parts_;
};

}  // namespace lares::text
