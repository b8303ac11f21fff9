# The warnings every unit of ours is built with; third-party headers are system headers.

set(LARES_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
    -Werror=unused-result -Werror=return-type -Werror=switch)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 warns falsely about variants that hold strings at -O2, and about designated
    # initialisers that leave fields at their defaults.
    list(APPEND LARES_WARNINGS -Wno-maybe-uninitialized -Wno-missing-field-initializers
         -Wno-restrict)
else()
    list(APPEND LARES_WARNINGS -Wno-missing-field-initializers -Wno-missing-designated-field-initializers -Wno-gnu-statement-expression-from-macro-expansion
         -Wno-implicit-int-float-conversion)
endif()
