// apps/capture/sheet.cc: the four kinds; the only unit that includes libxlsxwriter.

#include "apps/capture/sheet.h"

#include <xlsxwriter.h>

#include <algorithm>
#include <cstdio>

#include "apps/capture/disk.h"
#include "apps/capture/phrases.h"

namespace lares::capture {

namespace {

/// A table under another name until it is whole: who finds the file finds all of it.
class TextSheet final : public Sheet {
public:
    TextSheet(SheetKind kind, std::string path, std::function<void(std::string_view)> print)
        : kind_(kind), path_(std::move(path)), print_(std::move(print)) {}

    Result<> open() {
        if (!path_.empty()) {
            TRY(disk::remove(part()));
            fd_ = TRY(disk::create(part()));
        }
        if (kind_ == SheetKind::jsonl) return {};
        PostRow heading;
        std::ranges::copy(column_names(), heading.begin());
        return write(print_row(kind_, heading));
    }
    Result<> add(PostRow const& row, std::string_view message) override {
        return write(kind_ == SheetKind::jsonl ? std::string(message) + "\n"
                                               : print_row(kind_, row));
    }
    Result<> finish() override {
        if (path_.empty()) return print_(buffer_), Result<>();
        TRY(disk::write_all(fd_.get(), buffer_, path_));
        TRY(disk::synchronise(fd_.get(), path_));
        return disk::rename_over(part(), path_);
    }

private:
    std::string part() const { return path_ + ".part"; }
    Result<> write(std::string const& line) {
        buffer_ += line;
        if (buffer_.size() < (64u << 10)) return {};
        std::string out;
        out.swap(buffer_);
        if (path_.empty()) return print_(out), Result<>();
        return disk::write_all(fd_.get(), out, path_);
    }

    SheetKind kind_;
    std::string path_;
    std::function<void(std::string_view)> print_;
    os::Fd fd_;
    std::string buffer_;
};

class Workbook final : public Sheet {
public:
    explicit Workbook(std::string path) : path_(std::move(path)) {}
    ~Workbook() override {
        if (book_ != nullptr) workbook_close(book_);
    }

    Result<> open() {
        lxw_workbook_options options{};
        options.constant_memory = LXW_TRUE;  // a row is written when the next one comes
        book_ = workbook_new_opt(part().c_str(), &options);
        if (book_ == nullptr) return Error{Error::Kind::io, "'" + path_ + "' cannot be made"};
        sheet_ = workbook_add_worksheet(book_, "posts");
        PostRow heading;
        std::ranges::copy(column_names(), heading.begin());
        return add(heading, {});
    }
    Result<> add(PostRow const& row, std::string_view) override {
        if (next_ >= workbook_rows)
            return fault(Error::Kind::invalid, Phrase::workbook_rows,
                         {std::to_string(workbook_rows)});
        for (std::size_t i = 0; i < row.size(); ++i) {
            // Excel's bound for a cell is 32,767 characters; ids stay texts, or it would round
            // them.
            auto code = worksheet_write_string(sheet_, static_cast<lxw_row_t>(next_),
                                               static_cast<lxw_col_t>(i), row[i].c_str(), nullptr);
            if (code != LXW_NO_ERROR)
                return Error{Error::Kind::io, "'" + path_ + "': " + lxw_strerror(code)};
        }
        ++next_;
        return {};
    }
    Result<> finish() override {
        auto code = workbook_close(std::exchange(book_, nullptr));
        if (code != LXW_NO_ERROR)
            return Error{Error::Kind::io, "'" + path_ + "': " + lxw_strerror(code)};
        return disk::rename_over(part(), path_);
    }

private:
    std::string part() const { return path_ + ".part"; }

    std::string path_;
    lxw_workbook* book_ = nullptr;
    lxw_worksheet* sheet_ = nullptr;
    std::int64_t next_ = 0;
};

}  // namespace

Result<SheetKind> parse_sheet_kind(std::string_view text) {
    if (text.empty() || text == "csv") return SheetKind::csv;
    if (text == "tsv") return SheetKind::tsv;
    if (text == "jsonl") return SheetKind::jsonl;
    if (text == "xlsx") return SheetKind::xlsx;
    return fault(Error::Kind::invalid, Phrase::table_formats, {text});
}

std::string print_row(SheetKind kind, PostRow const& row) {
    std::string out;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0) out += kind == SheetKind::csv ? ',' : '\t';
        if (kind == SheetKind::csv && row[i].find_first_of("\",\r\n") != std::string::npos) {
            out += '"';
            for (char c : row[i]) out.append(c == '"' ? 2 : 1, c);
            out += '"';
        } else {
            for (char c : row[i])
                out += kind == SheetKind::tsv && (c == '\t' || c == '\r' || c == '\n') ? ' ' : c;
        }
    }
    return out + (kind == SheetKind::csv ? "\r\n" : "\n");
}

Result<std::unique_ptr<Sheet>> open_sheet(SheetKind kind, std::string const& path,
                                          std::function<void(std::string_view)> print) {
    if (kind == SheetKind::xlsx) {
        if (path.empty()) return Error{Error::Kind::invalid, "a workbook needs --output FILE"};
        auto book = std::make_unique<Workbook>(path);
        TRY(book->open());
        return std::unique_ptr<Sheet>(std::move(book));
    }
    auto sheet = std::make_unique<TextSheet>(kind, path, std::move(print));
    TRY(sheet->open());
    return std::unique_ptr<Sheet>(std::move(sheet));
}

}  // namespace lares::capture
