// base/overloaded.h: one visitor out of several lambdas, for std::visit over our closed variants.

#pragma once

namespace lares {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;  // clang 14 needs it said

}  // namespace lares
