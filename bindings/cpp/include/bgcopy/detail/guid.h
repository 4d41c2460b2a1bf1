// GUID: identifiers of interfaces, classes and jobs.
#ifndef BGCOPY_DETAIL_GUID_H
#define BGCOPY_DETAIL_GUID_H

#include <string.h>
#include <sys/random.h>

#include "hresult.h"

#ifndef GUID_DEFINED
#define GUID_DEFINED
/// An identifier of 16 bytes; the layout of `bg_guid`.
typedef struct _GUID {
    ULONG Data1;
    USHORT Data2;
    USHORT Data3;
    BYTE Data4[8];
} GUID;
#endif

typedef GUID IID;
typedef GUID CLSID;
typedef GUID *LPGUID;
typedef IID *LPIID;
typedef CLSID *LPCLSID;
typedef const GUID &REFGUID;
typedef const IID &REFIID;
typedef const CLSID &REFCLSID;

static_assert(sizeof(GUID) == sizeof(bg_guid) && alignof(GUID) == alignof(bg_guid), "one layout");

/// The identifier of nothing: 16 zero bytes.
inline constexpr GUID GUID_NULL = {0, 0, 0, {0, 0, 0, 0, 0, 0, 0, 0}};
inline constexpr IID IID_NULL = GUID_NULL;
inline constexpr CLSID CLSID_NULL = GUID_NULL;

inline bool operator==(REFGUID left, REFGUID right) noexcept
{
    return memcmp(&left, &right, sizeof(GUID)) == 0;
}

inline bool operator!=(REFGUID left, REFGUID right) noexcept
{
    return !(left == right);
}

/// Whether two identifiers are the same.
inline BOOL IsEqualGUID(REFGUID left, REFGUID right) noexcept
{
    return left == right ? TRUE : FALSE;
}

/// As IsEqualGUID.
inline BOOL IsEqualIID(REFIID left, REFIID right) noexcept
{
    return IsEqualGUID(left, right);
}

/// As IsEqualGUID.
inline BOOL IsEqualCLSID(REFCLSID left, REFCLSID right) noexcept
{
    return IsEqualGUID(left, right);
}

/// As IsEqualGUID, with an `int` for the answer.
inline int InlineIsEqualGUID(REFGUID left, REFGUID right) noexcept
{
    return left == right;
}

namespace bgcopy::com {

inline bg_guid to_c(REFGUID guid) noexcept
{
    bg_guid same;
    memcpy(&same, &guid, sizeof same);
    return same;
}

inline GUID from_c(const bg_guid &guid) noexcept
{
    GUID same;
    memcpy(&same, &guid, sizeof same);
    return same;
}

/// The identifier of a type; __CRT_UUID_DECL specializes it. References and pointers have that of what they
/// lead to.
template <class Type> struct Uuid;
template <class Type> struct Uuid<const Type> : Uuid<Type> {};
template <class Type> struct Uuid<Type &> : Uuid<Type> {};
template <class Type> struct Uuid<Type *> : Uuid<Type> {};

} // namespace bgcopy::com

#ifndef __CRT_UUID_DECL
/// Gives a type an identifier, as `__declspec(uuid("..."))` does on Windows: at global scope, after the type.
#define __CRT_UUID_DECL(type, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8)                                    \
    template <> struct bgcopy::com::Uuid<type> {                                                            \
        static constexpr GUID value = {l, w1, w2, {b1, b2, b3, b4, b5, b6, b7, b8}};                        \
    }
#endif

#ifndef __uuidof
/// The identifier of a type, or of the type of an expression.
#define __uuidof(type) (::bgcopy::com::Uuid<__typeof(type)>::value)
#endif

/// Makes a new identifier that nobody else has.
inline HRESULT CoCreateGuid(GUID *guid) noexcept
{
    if (guid == nullptr)
        return E_INVALIDARG;
    *guid = GUID_NULL;
    GUID random;
    if (getrandom(&random, sizeof random, 0) != static_cast<ssize_t>(sizeof random))
        return E_FAIL;
    // Version 4 of RFC 9562: all bits random but these.
    random.Data3 = static_cast<USHORT>((random.Data3 & 0x0FFF) | 0x4000);
    random.Data4[0] = static_cast<BYTE>((random.Data4[0] & 0x3F) | 0x80);
    *guid = random;
    return S_OK;
}

/// Writes "{XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}" and its NUL into `text`, which has room for `count`
/// characters. Gives the number of characters written, 39, or 0 where they do not fit.
inline int StringFromGUID2(REFGUID guid, LPOLESTR text, int count) noexcept
{
    constexpr int length = 39;
    if (text == nullptr || count < length)
        return 0;
    const BYTE bytes[16] = {
        BYTE(guid.Data1 >> 24), BYTE(guid.Data1 >> 16), BYTE(guid.Data1 >> 8), BYTE(guid.Data1),
        BYTE(guid.Data2 >> 8),  BYTE(guid.Data2),       BYTE(guid.Data3 >> 8), BYTE(guid.Data3),
        guid.Data4[0],          guid.Data4[1],          guid.Data4[2],         guid.Data4[3],
        guid.Data4[4],          guid.Data4[5],          guid.Data4[6],         guid.Data4[7],
    };
    OLECHAR *at = text;
    *at++ = '{';
    for (int i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = OLECHAR("0123456789ABCDEF"[bytes[i] >> 4]);
        *at++ = OLECHAR("0123456789ABCDEF"[bytes[i] & 15]);
    }
    *at++ = '}';
    *at = 0;
    return length;
}

/// Reads what StringFromGUID2 writes, in upper or lower case. NULL gives the identifier of nothing.
/// CO_E_CLASSSTRING for any other text.
inline HRESULT CLSIDFromString(LPCOLESTR text, LPCLSID guid) noexcept
{
    if (guid == nullptr)
        return E_INVALIDARG;
    *guid = GUID_NULL;
    if (text == nullptr)
        return S_OK;
    char narrow[39];
    for (int i = 0; i < 39; ++i) {
        const auto unit = text[i];
        const bool fits = unit > 0 && unit < 128;
        if (i == 38 ? unit != 0 : !fits)
            return CO_E_CLASSSTRING;
        narrow[i] = static_cast<char>(unit);
    }
    bg_guid read;
    if (narrow[0] != '{' || bg_guid_from_string(narrow, &read) < 0)
        return CO_E_CLASSSTRING;
    *guid = bgcopy::com::from_c(read);
    return S_OK;
}

/// As CLSIDFromString, with E_INVALIDARG for NULL.
inline HRESULT IIDFromString(LPCOLESTR text, LPIID guid) noexcept
{
    return text == nullptr || guid == nullptr ? E_INVALIDARG : CLSIDFromString(text, guid);
}

#endif
