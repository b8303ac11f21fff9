// apps/capture/naming.h: what archive files are called, and in which folder they lie.
//
// Pure. The names and folders are those of the collector that librarians know:
// "twitterfilter-2-2014-04-11T04-34-28Z.gz" lies in "twitterfilter-2/2014/04/11/04/". Times are
// UTC, computed from the count of seconds alone, so that no clock change moves a file by an hour.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::capture {

enum class Format { gzip, zstd, plain };

/// ".gz", ".zst"; empty for plain.
std::string_view suffix(Format);
/// By the end of a file's name.
Format format_of(std::string_view name);

struct ArchiveName {
    std::string source;
    std::int64_t opened = 0;  // seconds since 1970, when the file was opened
    int number = 1;           // of the files of one source opened in that second
    Format format = Format::gzip;
    bool operator==(ArchiveName const&) const = default;
};

/// "SOURCE-YYYY-MM-DDTHH-MM-SSZ.gz"; from the second of one second on "...Z-2.gz".
std::string file_name(ArchiveName const&);
/// "SOURCE/YYYY/MM/DD/HH", without a slash at its end.
std::string folder_of(ArchiveName const&);
/// Also reads the colons of older files ("T04:34:28Z"). None: not the name of an archive file.
std::optional<ArchiveName> parse_file_name(std::string_view name);

/// Letters, digits, '.', '_' and '-', not beginning with '.' or '-', at most 100: the name of a
/// source becomes a folder, a program of Lares and part of file names.
Result<> check_source_name(std::string_view name);

/// "2014-04-11T04:34:28Z".
std::string print_utc(std::int64_t seconds);

}  // namespace lares::capture
