// apps/capture/sheet.h: rows into a file: CSV (RFC 4180), TSV, JSON lines, or a workbook (XLSX).

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "apps/capture/columns.h"
#include "base/result.h"

namespace lares::capture {

enum class SheetKind { csv, tsv, jsonl, xlsx };
Result<SheetKind> parse_sheet_kind(std::string_view text);

/// A line of the table. TSV has no quotes, so a tab in a value becomes a space.
std::string print_row(SheetKind, PostRow const&);

class Sheet {
public:
    virtual ~Sheet() = default;
    /// @param message  the post as it was captured: what JSON lines have instead of the row.
    virtual Result<> add(PostRow const&, std::string_view message) = 0;
    /// The file is whole after this. The last call.
    virtual Result<> finish() = 0;
};

/// Rows of one worksheet, with the heading: Excel's own bound.
constexpr std::int64_t workbook_rows = 1'048'576;

/// @param path  empty: to `print` (not for workbooks).
Result<std::unique_ptr<Sheet>> open_sheet(SheetKind, std::string const& path,
                                          std::function<void(std::string_view)> print);

}  // namespace lares::capture
