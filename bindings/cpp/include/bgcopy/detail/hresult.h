// HRESULT: what calls answer. The codes of BITS are in bgcopy.h.
#ifndef BGCOPY_DETAIL_HRESULT_H
#define BGCOPY_DETAIL_HRESULT_H

#include <bgcopy.h>

#include "types.h"

/// 0 and above is success, below 0 failure; the same type as `bg_result`.
typedef LONG HRESULT;

#ifndef S_OK
#define S_OK static_cast<HRESULT>(0)
#define S_FALSE static_cast<HRESULT>(1)
#define NOERROR S_OK
#define E_PENDING static_cast<HRESULT>(0x8000000A)
#define E_UNEXPECTED static_cast<HRESULT>(0x8000FFFF)
#define E_NOTIMPL static_cast<HRESULT>(0x80004001)
#define E_NOINTERFACE static_cast<HRESULT>(0x80004002)
#define E_POINTER static_cast<HRESULT>(0x80004003)
#define E_ABORT static_cast<HRESULT>(0x80004004)
#define E_FAIL static_cast<HRESULT>(0x80004005)
#define E_ACCESSDENIED static_cast<HRESULT>(0x80070005)
#define E_HANDLE static_cast<HRESULT>(0x80070006)
#define E_OUTOFMEMORY static_cast<HRESULT>(0x8007000E)
#define E_INVALIDARG static_cast<HRESULT>(0x80070057)
#endif
#ifndef REGDB_E_CLASSNOTREG
#define REGDB_E_CLASSNOTREG static_cast<HRESULT>(0x80040154)
#define CLASS_E_NOAGGREGATION static_cast<HRESULT>(0x80040110)
#define CO_E_CLASSSTRING static_cast<HRESULT>(0x800401F3)
#define CO_E_FAILEDTOIMPERSONATE static_cast<HRESULT>(0x80010123)
#define RPC_E_CHANGED_MODE static_cast<HRESULT>(0x80010106)
#define RPC_E_DISCONNECTED static_cast<HRESULT>(0x80010108)
#define CRYPT_E_NOT_FOUND static_cast<HRESULT>(0x80092004)
#define DISP_E_MEMBERNOTFOUND static_cast<HRESULT>(0x80020003)
#define DISP_E_UNKNOWNNAME static_cast<HRESULT>(0x80020006)
#define DISP_E_BADINDEX static_cast<HRESULT>(0x8002000B)
#endif

// Error numbers that the pages of BITS name; HRESULT_FROM_WIN32 makes codes of them.
#ifndef ERROR_FILE_NOT_FOUND
#define ERROR_FILE_NOT_FOUND 2
#define ERROR_PATH_NOT_FOUND 3
#define ERROR_ACCESS_DENIED 5
#define ERROR_SHARING_VIOLATION 32
#define ERROR_DISK_FULL 112
#define ERROR_RESOURCE_LANG_NOT_FOUND 1815
#define RPC_X_NULL_REF_POINTER 1780
#define RPC_X_BAD_STUB_DATA 1783
#endif

#ifndef SUCCEEDED
#define SUCCEEDED(result) (static_cast<HRESULT>(result) >= 0)
#define FAILED(result) (static_cast<HRESULT>(result) < 0)
#endif
#ifndef FACILITY_WIN32
#define FACILITY_ITF 4
#define FACILITY_WIN32 7
#define FACILITY_HTTP 25
#define FACILITY_BACKGROUNDCOPY 32
#endif
#ifndef MAKE_HRESULT
#define MAKE_HRESULT(severity, facility, code)                                                              \
    static_cast<HRESULT>((static_cast<ULONG>(severity) << 31) | (static_cast<ULONG>(facility) << 16) |      \
                         static_cast<ULONG>(code))
#define HRESULT_CODE(result) ((result) & 0xFFFF)
#define HRESULT_FACILITY(result) (((result) >> 16) & 0x1FFF)
#define HRESULT_SEVERITY(result) ((static_cast<ULONG>(result) >> 31) & 1u)
#endif

#ifndef HRESULT_FROM_WIN32
/// The code of an error number; codes that are negative already stay as they are.
constexpr HRESULT HRESULT_FROM_WIN32(ULONG error) noexcept
{
    return static_cast<HRESULT>(error) <= 0
               ? static_cast<HRESULT>(error)
               : static_cast<HRESULT>((error & 0xFFFFu) | (ULONG(FACILITY_WIN32) << 16) | 0x80000000u);
}
// Programs ask with #ifdef whether it is there.
#define HRESULT_FROM_WIN32 HRESULT_FROM_WIN32
#endif

static_assert(sizeof(HRESULT) == sizeof(bg_result), "results pass through unchanged");

#endif
