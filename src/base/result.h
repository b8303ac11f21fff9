// base/result.h: how failure travels in Lares.
//
// A function that can fail returns Result<T>; the caller either handles the Error or hands it
// up with TRY, adding what it knows. Nothing below daemon/ logs an error: it is reported once,
// where someone can act on it. Bugs are not errors: they end the process through CHECK
// (base/check.h).

#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace lares {

/// Why an operation failed. A kind exists only where some caller reacts differently to it;
/// everything else a person needs is in the words.
struct [[nodiscard]] Error {
    enum class Kind { invalid, not_found, conflict, unavailable, denied, io };

    Kind kind = Kind::io;
    std::string what;

    /// The same error, told from one step further out: "open state: permission denied".
    Error during(std::string_view step) && {
        what.insert(0, std::string(step) + ": ");
        return std::move(*this);
    }
};

struct Unit {};

/// A T, or the Error that stood in its way. Move-only use is fine; ignoring one does not compile
/// (-Werror=unused-result).
template <class T = Unit>
class [[nodiscard]] Result {
public:
    Result()
        requires std::is_same_v<T, Unit>
        : held_(Unit{}) {}
    Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return held_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T& operator*() & { return std::get<0>(held_); }
    T const& operator*() const& { return std::get<0>(held_); }
    T* operator->() { return &std::get<0>(held_); }
    T const* operator->() const { return &std::get<0>(held_); }
    T take() && { return std::get<0>(std::move(held_)); }

    Error const& error() const& { return std::get<1>(held_); }
    Error error() && { return std::get<1>(std::move(held_)); }

private:
    std::variant<T, Error> held_;
};

}  // namespace lares

/// Unwraps a Result or returns its Error from the enclosing function. A GNU statement expression;
/// never inside a coroutine, where g++ 12 crashes on it.
#define TRY(expression)                                          \
    __extension__({                                              \
        auto try_result_ = (expression);                         \
        if (!try_result_) return std::move(try_result_).error(); \
        std::move(try_result_).take();                           \
    })
