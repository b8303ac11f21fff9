// apps/capture/packing.cc: zlib and zstd behind packing.h; the only unit that includes them.

#include "apps/capture/packing.h"

#include <zlib.h>
#include <zstd.h>

#include "base/check.h"

namespace lares::capture {

namespace {

constexpr std::size_t piece = 64u << 10;
/// zstd's window: 2 MB are enough for messages that resemble each other, and bound a reader's
/// memory.
constexpr int zstd_window = 21;

class GzipPacker final : public Packer {
public:
    explicit GzipPacker(int level) {
        constexpr int gzip_header = 16, window = 15, memory = 9;
        int made = deflateInit2(&stream_, level, Z_DEFLATED, gzip_header + window, memory,
                                Z_DEFAULT_STRATEGY);
        CHECK(made == Z_OK);
    }
    ~GzipPacker() override { deflateEnd(&stream_); }

    void add(std::string_view bytes, std::string& out) override { work(bytes, Z_NO_FLUSH, out); }
    void flush(std::string& out) override { work({}, Z_SYNC_FLUSH, out); }
    void finish(std::string& out) override { work({}, Z_FINISH, out); }

private:
    void work(std::string_view bytes, int how, std::string& out) {
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        stream_.avail_in = static_cast<uInt>(bytes.size());
        do {
            stream_.next_out = reinterpret_cast<Bytef*>(buffer_);
            stream_.avail_out = sizeof buffer_;
            deflate(&stream_, how);
            out.append(buffer_, sizeof buffer_ - stream_.avail_out);
        } while (stream_.avail_out == 0);
    }

    z_stream stream_{};
    char buffer_[piece];
};

class ZstdPacker final : public Packer {
public:
    explicit ZstdPacker(int level) : context_(ZSTD_createCCtx()) {
        CHECK(context_ != nullptr);
        ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, level);
        ZSTD_CCtx_setParameter(context_, ZSTD_c_windowLog, zstd_window);
        ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
    }
    ~ZstdPacker() override { ZSTD_freeCCtx(context_); }

    void add(std::string_view bytes, std::string& out) override {
        work(bytes, ZSTD_e_continue, out);
    }
    void flush(std::string& out) override { work({}, ZSTD_e_flush, out); }
    void finish(std::string& out) override { work({}, ZSTD_e_end, out); }

private:
    void work(std::string_view bytes, ZSTD_EndDirective how, std::string& out) {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        for (;;) {
            ZSTD_outBuffer to{buffer_, sizeof buffer_, 0};
            std::size_t left = ZSTD_compressStream2(context_, &to, &in, how);
            CHECK(!ZSTD_isError(left));
            out.append(buffer_, to.pos);
            if (how == ZSTD_e_continue ? in.pos == in.size : left == 0) return;
        }
    }

    ZSTD_CCtx* context_;
    char buffer_[piece];
};

class NoPacker final : public Packer {
public:
    void add(std::string_view bytes, std::string& out) override { out.append(bytes); }
    void flush(std::string&) override {}
    void finish(std::string&) override {}
};

class GzipUnpacker final : public Unpacker {
public:
    GzipUnpacker() {
        constexpr int gzip_header = 16, window = 15;
        int made = inflateInit2(&stream_, gzip_header + window);
        CHECK(made == Z_OK);
    }
    ~GzipUnpacker() override { inflateEnd(&stream_); }

    State add(std::string_view bytes, std::string& out) override {
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        stream_.avail_in = static_cast<uInt>(bytes.size());
        do {
            if (is_ended_ && stream_.avail_in > 0) {
                inflateReset(&stream_);
                is_ended_ = false;
            }
            stream_.next_out = reinterpret_cast<Bytef*>(buffer_);
            stream_.avail_out = sizeof buffer_;
            int done = inflate(&stream_, Z_NO_FLUSH);
            out.append(buffer_, sizeof buffer_ - stream_.avail_out);
            if (done == Z_STREAM_END) is_ended_ = true;
            if (done != Z_OK && done != Z_STREAM_END && done != Z_BUF_ERROR) return State::corrupt;
            if (done == Z_BUF_ERROR) break;
        } while (stream_.avail_in > 0 || stream_.avail_out == 0);
        return is_ended_ ? State::whole : State::more;
    }

private:
    z_stream stream_{};
    bool is_ended_ = false;
    char buffer_[piece];
};

class ZstdUnpacker final : public Unpacker {
public:
    ZstdUnpacker() : context_(ZSTD_createDCtx()) {
        CHECK(context_ != nullptr);
        ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, 27);
    }
    ~ZstdUnpacker() override { ZSTD_freeDCtx(context_); }

    State add(std::string_view bytes, std::string& out) override {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        for (;;) {
            ZSTD_outBuffer to{buffer_, sizeof buffer_, 0};
            left_ = ZSTD_decompressStream(context_, &to, &in);
            out.append(buffer_, to.pos);
            if (ZSTD_isError(left_)) return State::corrupt;
            if (in.pos == in.size && to.pos < to.size) break;
        }
        return left_ == 0 ? State::whole : State::more;
    }

private:
    ZSTD_DCtx* context_;
    std::size_t left_ = 0;
    char buffer_[piece];
};

class NoUnpacker final : public Unpacker {
public:
    State add(std::string_view bytes, std::string& out) override {
        out.append(bytes);
        return State::whole;
    }
};

}  // namespace

std::unique_ptr<Packer> make_packer(Format format, int level) {
    switch (format) {
    case Format::gzip:
        return std::make_unique<GzipPacker>(level);
    case Format::zstd:
        return std::make_unique<ZstdPacker>(level);
    case Format::plain:
        break;
    }
    return std::make_unique<NoPacker>();
}

std::unique_ptr<Unpacker> make_unpacker(Format format) {
    switch (format) {
    case Format::gzip:
        return std::make_unique<GzipUnpacker>();
    case Format::zstd:
        return std::make_unique<ZstdUnpacker>();
    case Format::plain:
        break;
    }
    return std::make_unique<NoUnpacker>();
}

}  // namespace lares::capture
