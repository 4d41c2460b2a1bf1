// The memory of COM: what a call gives, the caller frees with these.
#ifndef BGCOPY_DETAIL_MEMORY_H
#define BGCOPY_DETAIL_MEMORY_H

#include <stdlib.h>

#include "guid.h"

/// Memory that CoTaskMemFree frees; NULL when there is none.
inline LPVOID CoTaskMemAlloc(SIZE_T size) noexcept
{
    return malloc(size != 0 ? size : 1);
}

/// Makes such memory larger or smaller; NULL and the old memory stays when there is none. Size 0 frees it.
inline LPVOID CoTaskMemRealloc(LPVOID memory, SIZE_T size) noexcept
{
    if (memory != nullptr && size == 0) {
        free(memory);
        return nullptr;
    }
    return realloc(memory, size != 0 ? size : 1);
}

/// Frees what CoTaskMemAlloc or a call gave. NULL is fine.
inline void CoTaskMemFree(LPVOID memory) noexcept
{
    free(memory);
}

#ifndef ZeroMemory
/// Fills memory with zeros.
#define ZeroMemory(memory, size) static_cast<void>(memset((memory), 0, (size)))
#endif

/// Fills memory with zeros, also where nothing reads it any more: for passwords. Gives the memory.
inline PVOID SecureZeroMemory(PVOID memory, SIZE_T size) noexcept
{
    explicit_bzero(memory, size);
    return memory;
}

/// Writes an identifier as text; the text is freed with CoTaskMemFree.
inline HRESULT StringFromIID(REFIID guid, LPOLESTR *text) noexcept
{
    if (text == nullptr)
        return E_INVALIDARG;
    *text = static_cast<LPOLESTR>(CoTaskMemAlloc(39 * sizeof(OLECHAR)));
    if (*text == nullptr)
        return E_OUTOFMEMORY;
    StringFromGUID2(guid, *text, 39);
    return S_OK;
}

/// As StringFromIID.
inline HRESULT StringFromCLSID(REFCLSID guid, LPOLESTR *text) noexcept
{
    return StringFromIID(guid, text);
}

/// A string with its length before it: SysAllocString makes it, SysFreeString frees it.
typedef OLECHAR *BSTR;

namespace bgcopy::com {

/// What stands before the characters of a BSTR: a multiple of every alignment, its last four bytes the length.
inline constexpr SIZE_T bstr_head = 16;

} // namespace bgcopy::com

/// Copies `length` characters, or makes room for them where `text` is NULL; a NUL follows. NULL without memory.
inline BSTR SysAllocStringLen(const OLECHAR *text, UINT length) noexcept
{
    const SIZE_T size = SIZE_T(length) * sizeof(OLECHAR);
    if (size > UINT32_MAX)
        return nullptr;
    char *const memory = static_cast<char *>(malloc(bgcopy::com::bstr_head + size + sizeof(OLECHAR)));
    if (memory == nullptr)
        return nullptr;
    const DWORD bytes = static_cast<DWORD>(size);
    memcpy(memory + bgcopy::com::bstr_head - sizeof bytes, &bytes, sizeof bytes);
    const BSTR string = reinterpret_cast<BSTR>(memory + bgcopy::com::bstr_head);
    if (text != nullptr)
        memcpy(string, text, size);
    else
        memset(string, 0, size);
    string[length] = 0;
    return string;
}

/// Copies a text that ends with a NUL; NULL gives NULL.
inline BSTR SysAllocString(const OLECHAR *text) noexcept
{
    if (text == nullptr)
        return nullptr;
    UINT length = 0;
    while (text[length] != 0)
        ++length;
    return SysAllocStringLen(text, length);
}

/// Frees a BSTR. NULL is fine.
inline void SysFreeString(BSTR string) noexcept
{
    if (string != nullptr)
        free(reinterpret_cast<char *>(string) - bgcopy::com::bstr_head);
}

/// The bytes of a BSTR without its NUL; 0 for NULL.
inline UINT SysStringByteLen(BSTR string) noexcept
{
    DWORD bytes = 0;
    if (string != nullptr)
        memcpy(&bytes, reinterpret_cast<char *>(string) - sizeof bytes, sizeof bytes);
    return bytes;
}

/// The characters of a BSTR without its NUL; 0 for NULL.
inline UINT SysStringLen(BSTR string) noexcept
{
    return static_cast<UINT>(SysStringByteLen(string) / sizeof(OLECHAR));
}

#endif
