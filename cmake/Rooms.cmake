# room(NAME FOLDER ... ROOMS ... LIBRARIES ...): the static library of src/NAME (or src/FOLDER) and,
# with LARES_TESTS, the program NAME_test of all its *_test.cc files. A room without sources yet is an interface library.

find_package(PkgConfig REQUIRED)
pkg_check_modules(LARES_FMT REQUIRED IMPORTED_TARGET fmt)
pkg_check_modules(LARES_PUGIXML REQUIRED IMPORTED_TARGET pugixml)
pkg_check_modules(LARES_ZLIB REQUIRED IMPORTED_TARGET zlib)

add_library(lares_fmt INTERFACE)
target_link_libraries(lares_fmt INTERFACE PkgConfig::LARES_FMT)
# pugixml is linked into the binary: every shared library costs the daemon private pages and the
# command line start-up time. Debian has no static fmt.
add_library(lares_pugixml INTERFACE)
target_link_libraries(lares_pugixml INTERFACE -l:libpugixml.a)
# So is crypt(3), from the package that every C compiler brings.
add_library(lares_crypt INTERFACE)
target_link_libraries(lares_crypt INTERFACE -l:libcrypt.a)
add_library(lares_z INTERFACE)
target_link_libraries(lares_z INTERFACE PkgConfig::LARES_ZLIB)
add_library(lares_asio INTERFACE)
target_compile_definitions(lares_asio INTERFACE BOOST_ASIO_NO_DEPRECATED
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_ERROR_CODE_HEADER_ONLY)
add_library(lares_beast INTERFACE)
target_compile_definitions(lares_beast INTERFACE BOOST_BEAST_SEPARATE_COMPILATION)
add_library(lares_cli11 INTERFACE)
# SQLite and SOCI's back end for it are linked into the binary, as pugixml is; back ends of other
# databases are loaded by name where one is configured.
add_library(lares_soci INTERFACE)
target_link_libraries(lares_soci INTERFACE -l:libsoci_sqlite3.a -l:libsoci_core.a -l:libsqlite3.a m)
# In text/json_value.cc and nowhere else; linked into the binary, as pugixml is.
add_library(lares_json INTERFACE)
target_link_libraries(lares_json INTERFACE -l:libboost_json.a -l:libboost_container.a)
# In text/graphemes.cc and nowhere else; linked into the binary, as pugixml is.
add_library(lares_utf8proc INTERFACE)
target_link_libraries(lares_utf8proc INTERFACE -l:libutf8proc.a)
# In os/screen.cc and nowhere else; linked into the binary, as pugixml is.
add_library(lares_ncurses INTERFACE)
target_link_libraries(lares_ncurses INTERFACE -l:libncursesw.a -l:libtinfo.a)
find_package(date REQUIRED)
add_library(lares_date INTERFACE)
target_link_libraries(lares_date INTERFACE date::date date::date-tz)

# The clients of the network, in lares-deliver and the applications; never in the daemon.
pkg_check_modules(LARES_CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(LARES_CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
add_library(lares_curl INTERFACE)
target_link_libraries(lares_curl INTERFACE PkgConfig::LARES_CURL)
add_library(lares_crypto INTERFACE)
target_link_libraries(lares_crypto INTERFACE PkgConfig::LARES_CRYPTO)

# Applications alone.
pkg_check_modules(LARES_ZSTD REQUIRED IMPORTED_TARGET libzstd)
add_library(lares_zstd INTERFACE)
target_link_libraries(lares_zstd INTERFACE PkgConfig::LARES_ZSTD)
add_library(lares_xlsxwriter INTERFACE)
target_link_libraries(lares_xlsxwriter INTERFACE xlsxwriter)

add_library(lares_doctest STATIC ${CMAKE_SOURCE_DIR}/cmake/doctest_main.cc)
target_compile_features(lares_doctest PUBLIC cxx_std_20)

function(room NAME)
    cmake_parse_arguments(ROOM "" "FOLDER" "ROOMS;LIBRARIES" ${ARGN})
    if(NOT ROOM_FOLDER)
        set(ROOM_FOLDER ${NAME})
    endif()
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${ROOM_FOLDER}/*.cc)
    file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${ROOM_FOLDER}/*_test.cc)
    if(tests)
        list(REMOVE_ITEM sources ${tests})
    endif()
    if(sources)
        add_library(${NAME} STATIC ${sources})
        set(scope PUBLIC)
        target_compile_options(${NAME} PRIVATE ${LARES_WARNINGS})
    else()
        add_library(${NAME} INTERFACE)
        set(scope INTERFACE)
    endif()
    target_include_directories(${NAME} ${scope} ${CMAKE_SOURCE_DIR}/src)
    foreach(other IN LISTS ROOM_ROOMS)
        target_link_libraries(${NAME} ${scope} ${other})
    endforeach()
    foreach(library IN LISTS ROOM_LIBRARIES)
        if(TARGET lares_${library})
            target_link_libraries(${NAME} ${scope} lares_${library})
        else()
            target_link_libraries(${NAME} ${scope} ${library})
        endif()
    endforeach()
    if(LARES_TESTS AND tests)
        add_executable(${NAME}_test ${tests})
        # The time of tests is the compiler's: they are not optimized, what they test is.
        target_compile_options(${NAME}_test PRIVATE ${LARES_WARNINGS} "$<$<CONFIG:Release>:-O0;-U_FORTIFY_SOURCE>")
        target_link_libraries(${NAME}_test PRIVATE ${NAME} lares_doctest)
        add_test(NAME unit/${NAME} COMMAND ${NAME}_test)
        set_tests_properties(unit/${NAME} PROPERTIES TIMEOUT 300)
    endif()
endfunction()
