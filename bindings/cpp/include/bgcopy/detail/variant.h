// VARIANT: a value with its type, as the legacy queue manager takes properties. Only the types that it takes are here.
#ifndef BGCOPY_DETAIL_VARIANT_H
#define BGCOPY_DETAIL_VARIANT_H

#include "memory.h"

typedef USHORT VARTYPE;

/// The type of a VARIANT.
enum VARENUM {
    VT_EMPTY = 0,
    VT_NULL = 1,
    VT_I2 = 2,
    VT_I4 = 3,
    VT_BSTR = 8,
    VT_UI2 = 18,
    VT_UI4 = 19,
    VT_INT = 22,
    VT_UINT = 23
};

/// A value with its type: start with VariantInit, end with VariantClear.
typedef struct tagVARIANT {
    VARTYPE vt;
    WORD wReserved1;
    WORD wReserved2;
    WORD wReserved3;
    union {
        SHORT iVal;
        LONG lVal;
        USHORT uiVal;
        ULONG ulVal;
        INT intVal;
        UINT uintVal;
        BSTR bstrVal;
        LONGLONG llVal;
        /// The size that it has on Windows.
        PVOID reserved[2];
    };
} VARIANT;
typedef VARIANT VARIANTARG;

/// Makes it empty, whatever it was.
inline void VariantInit(VARIANTARG *value) noexcept
{
    memset(value, 0, sizeof *value);
}

/// Frees the string in it and makes it empty.
inline HRESULT VariantClear(VARIANTARG *value) noexcept
{
    if (value == nullptr)
        return E_INVALIDARG;
    if (value->vt == VT_BSTR)
        SysFreeString(value->bstrVal);
    VariantInit(value);
    return S_OK;
}

#endif
