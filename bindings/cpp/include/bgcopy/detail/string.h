// Strings across the C interface: wide characters here, UTF-8 there.
#ifndef BGCOPY_DETAIL_STRING_H
#define BGCOPY_DETAIL_STRING_H

#include "memory.h"

namespace bgcopy::com {

/// Whether wchar_t holds UTF-16 (-fshort-wchar) or whole code points.
inline constexpr bool wide_is_utf16 = sizeof(wchar_t) == 2;

/// Reads one code point and moves on; `invalid` for lone surrogates and numbers that are no code points.
inline constexpr uint32_t invalid_code_point = 0xFFFFFFFF;
inline uint32_t next_code_point(const wchar_t *&text) noexcept
{
    const uint32_t unit = wide_is_utf16 ? static_cast<uint16_t>(*text) : static_cast<uint32_t>(*text);
    ++text;
    if (unit < 0xD800 || (unit > 0xDFFF && unit <= 0x10FFFF))
        return unit;
    if (!wide_is_utf16 || unit > 0xDBFF)
        return invalid_code_point;
    const uint32_t low = static_cast<uint16_t>(*text);
    if (low < 0xDC00 || low > 0xDFFF)
        return invalid_code_point;
    ++text;
    return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

/// A wide string as UTF-8, for the length of a call.
class Utf8 {
public:
    /// NULL stays NULL.
    explicit Utf8(LPCWSTR wide) noexcept
    {
        if (wide == nullptr)
            return;
        size_t length = 0;
        for (LPCWSTR at = wide; *at != 0;) {
            const uint32_t point = next_code_point(at);
            if (point == invalid_code_point) {
                result_ = E_INVALIDARG;
                return;
            }
            length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        }
        text_ = length < sizeof short_ ? short_ : static_cast<char *>(malloc(length + 1));
        if (text_ == nullptr) {
            result_ = E_OUTOFMEMORY;
            return;
        }
        length_ = length;
        char *to = text_;
        while (*wide != 0)
            to = write(to, next_code_point(wide));
        *to = 0;
    }
    Utf8(const Utf8 &) = delete;
    Utf8 &operator=(const Utf8 &) = delete;
    ~Utf8()
    {
        if (text_ != short_)
            free(text_);
    }

    /// E_INVALIDARG for what is no text, E_OUTOFMEMORY.
    HRESULT result() const noexcept { return result_; }
    const char *get() const noexcept { return text_; }

    /// Overwrites the text, which was a password.
    void wipe() noexcept
    {
        if (text_ != nullptr)
            explicit_bzero(text_, length_);
    }

private:
    static char *write(char *to, uint32_t point) noexcept
    {
        if (point < 0x80) {
            *to++ = static_cast<char>(point);
            return to;
        }
        if (point < 0x800) {
            *to++ = static_cast<char>(0xC0 | point >> 6);
        } else {
            if (point < 0x10000) {
                *to++ = static_cast<char>(0xE0 | point >> 12);
            } else {
                *to++ = static_cast<char>(0xF0 | point >> 18);
                *to++ = static_cast<char>(0x80 | (point >> 12 & 0x3F));
            }
            *to++ = static_cast<char>(0x80 | (point >> 6 & 0x3F));
        }
        *to++ = static_cast<char>(0x80 | (point & 0x3F));
        return to;
    }

    HRESULT result_ = S_OK;
    size_t length_ = 0;
    char *text_ = nullptr;
    char short_[256];
};

/// Copies UTF-8 into wide characters that CoTaskMemFree frees; NULL without memory. What is no UTF-8 becomes
/// U+FFFD, byte by byte.
inline LPWSTR to_wide(const char *text) noexcept
{
    // No text becomes longer in either form of wide characters.
    const size_t room = strlen(text) + 1;
    wchar_t *const wide = static_cast<wchar_t *>(CoTaskMemAlloc(room * sizeof(wchar_t)));
    if (wide == nullptr)
        return nullptr;
    wchar_t *to = wide;
    for (const unsigned char *at = reinterpret_cast<const unsigned char *>(text); *at != 0;) {
        uint32_t point = *at++;
        if (point >= 0x80) {
            const int more = point >= 0xF0 && point < 0xF5 ? 3 : point >= 0xE0 && point < 0xF0 ? 2 : point >= 0xC2 && point < 0xE0 ? 1 : 0;
            const unsigned char *next = at;
            uint32_t sum = point & (0x3Fu >> more);
            int read = 0;
            while (read < more && (*next & 0xC0) == 0x80) {
                sum = sum << 6 | (*next++ & 0x3F);
                ++read;
            }
            const uint32_t least = more == 3 ? 0x10000 : more == 2 ? 0x800 : 0x80;
            const bool valid = more != 0 && read == more && sum >= least && sum <= 0x10FFFF && (sum < 0xD800 || sum > 0xDFFF);
            point = valid ? sum : 0xFFFD;
            if (valid)
                at = next;
        }
        if (wide_is_utf16 && point > 0xFFFF) {
            *to++ = static_cast<wchar_t>(0xD800 + ((point - 0x10000) >> 10));
            *to++ = static_cast<wchar_t>(0xDC00 + (point & 0x3FF));
        } else {
            *to++ = static_cast<wchar_t>(point);
        }
    }
    *to = 0;
    return wide;
}

/// Makes a BSTR of a string of the library, which is freed. NULL without memory.
inline BSTR to_bstr(char *text) noexcept
{
    LPWSTR const wide = text != nullptr ? to_wide(text) : nullptr;
    bg_string_free(text);
    const BSTR string = SysAllocString(wide);
    CoTaskMemFree(wide);
    return string;
}

/// Gives a caller a string of the library, which is freed: `result` is what the call that made it answered.
inline HRESULT give(HRESULT result, char *text, LPWSTR *out) noexcept
{
    if (out == nullptr)
        return result;
    *out = text != nullptr ? to_wide(text) : nullptr;
    const bool lost = text != nullptr && *out == nullptr;
    bg_string_free(text);
    return lost ? E_OUTOFMEMORY : result;
}

/// As above for two strings, both or none.
inline HRESULT give_both(HRESULT result, char *first, LPWSTR *first_out, char *second, LPWSTR *second_out) noexcept
{
    const HRESULT one = give(result, first, first_out), other = give(result, second, second_out);
    if (one != result && other == result && second_out != nullptr) {
        CoTaskMemFree(*second_out);
        *second_out = nullptr;
    }
    if (other != result && one == result && first_out != nullptr) {
        CoTaskMemFree(*first_out);
        *first_out = nullptr;
    }
    return one != result ? one : other;
}

} // namespace bgcopy::com

#endif
