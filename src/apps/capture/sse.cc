// apps/capture/sse.cc: fields to events, and events to one line each; the standard's steps in its
// order.

#include "apps/capture/sse.h"

#include "text/json.h"

namespace lares::capture {

void SseReader::add(std::string_view bytes, std::function<void(std::string_view)> const& take) {
    splitter_.add(bytes, [&](std::string_view each) {
        line(each, take);
        return true;
    });
    // A line without end would grow for ever.
    if (splitter_.rest().size() > longest_message) {
        splitter_.clear();
        is_too_long_ = true;
    }
}

void SseReader::clear() { *this = SseReader(); }

void SseReader::line(std::string_view line, std::function<void(std::string_view)> const& take) {
    if (is_first_ && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    is_first_ = false;
    if (line.empty()) {
        if (has_data_ && !is_too_long_) {
            std::string message;
            bool const is_json = !data_.empty() && (data_.front() == '{' || data_.front() == '[');
            if (event_.empty() && id_.empty() && is_json) {
                message = data_;
            } else {
                message = "{\"event\":";
                text::append_json(message, event_.empty() ? "message" : event_);
                if (!id_.empty()) text::append_json(message += ",\"id\":", id_);
                message += ",\"data\":";
                if (is_json)
                    message += data_;
                else
                    text::append_json(message, data_);
                message += "}";
            }
            take(message);
        }
        event_.clear();
        id_.clear();
        data_.clear();
        has_data_ = is_too_long_ = false;
        return;
    }
    auto colon = std::min(line.find(':'), line.size());
    auto name = line.substr(0, colon), value = line.substr(std::min(colon + 1, line.size()));
    if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    if (name == "event") event_.assign(value);
    if (name == "id" && value.find('\0') == value.npos) id_.assign(value);
    if (name != "data") return;
    if (data_.size() + value.size() > longest_message) is_too_long_ = true;
    if (is_too_long_) return;
    if (has_data_) data_ += '\n';
    data_.append(value);
    has_data_ = true;
}

}  // namespace lares::capture
