// The types of the Windows SDK: of fixed width, whatever `long` is here.
#ifndef BGCOPY_DETAIL_TYPES_H
#define BGCOPY_DETAIL_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef unsigned char BYTE;
typedef char CHAR;
typedef int16_t SHORT;
typedef uint16_t USHORT;
typedef uint16_t WORD;
typedef int INT;
typedef unsigned int UINT;
typedef int BOOL;
typedef int32_t LONG;
typedef uint32_t ULONG;
typedef uint32_t DWORD;
typedef int32_t INT32;
typedef uint32_t UINT32;
typedef int64_t INT64;
typedef uint64_t UINT64;
typedef int64_t LONGLONG;
typedef uint64_t ULONGLONG;
typedef size_t SIZE_T;
typedef void *LPVOID;
typedef void *PVOID;
typedef DWORD *LPDWORD;
typedef void *HANDLE;

typedef char *LPSTR;
typedef const char *LPCSTR;
typedef wchar_t WCHAR;
typedef wchar_t *LPWSTR;
typedef wchar_t *PWSTR;
typedef const wchar_t *LPCWSTR;
typedef const wchar_t *PCWSTR;
typedef wchar_t OLECHAR;
typedef wchar_t *LPOLESTR;
typedef const wchar_t *LPCOLESTR;

/// A 64-bit number and its halves.
typedef union LARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        LONG HighPart;
    };
    struct {
        DWORD LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER;

/// As LARGE_INTEGER, without a sign.
typedef union ULARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        DWORD HighPart;
    };
    struct {
        DWORD LowPart;
        DWORD HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER;

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

// There is one calling convention here.
#ifndef __stdcall
#define __stdcall
#endif
#ifndef WINAPI
#define WINAPI
#endif
#ifndef STDMETHODCALLTYPE
#define STDMETHODCALLTYPE
#endif
#ifndef DECLSPEC_UUID
#define DECLSPEC_UUID(text)
#endif
#ifndef STDMETHOD
#define STDMETHOD(method) virtual HRESULT STDMETHODCALLTYPE method
#define STDMETHOD_(type, method) virtual type STDMETHODCALLTYPE method
#define STDMETHODIMP HRESULT STDMETHODCALLTYPE
#define STDMETHODIMP_(type) type STDMETHODCALLTYPE
#endif
#ifndef PURE
#define PURE = 0
#endif
#ifndef UNREFERENCED_PARAMETER
#define UNREFERENCED_PARAMETER(parameter) static_cast<void>(parameter)
#endif

/// Adds 1 and gives the sum.
inline LONG InterlockedIncrement(LONG volatile *addend) noexcept
{
    return __atomic_add_fetch(addend, 1, __ATOMIC_SEQ_CST);
}

/// Subtracts 1 and gives the difference.
inline LONG InterlockedDecrement(LONG volatile *addend) noexcept
{
    return __atomic_sub_fetch(addend, 1, __ATOMIC_SEQ_CST);
}

/// As above, for the ULONG that some programs count in.
inline ULONG InterlockedIncrement(ULONG volatile *addend) noexcept
{
    return __atomic_add_fetch(addend, 1u, __ATOMIC_SEQ_CST);
}

/// As above.
inline ULONG InterlockedDecrement(ULONG volatile *addend) noexcept
{
    return __atomic_sub_fetch(addend, 1u, __ATOMIC_SEQ_CST);
}

/// Stores a value and gives the one before.
inline LONG InterlockedExchange(LONG volatile *target, LONG value) noexcept
{
    return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}

/// Stores a value where there is `comparand`, and gives what was there.
inline LONG InterlockedCompareExchange(LONG volatile *target, LONG value, LONG comparand) noexcept
{
    __atomic_compare_exchange_n(target, &comparand, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return comparand;
}

#endif
