// Languages of texts. Every language gets the English ones.
#ifndef BGCOPY_DETAIL_LANGUAGE_H
#define BGCOPY_DETAIL_LANGUAGE_H

#include "types.h"

typedef DWORD LCID;
typedef WORD LANGID;

#ifndef MAKELANGID
#define MAKELANGID(primary, sub) static_cast<LANGID>(static_cast<WORD>(sub) << 10 | static_cast<WORD>(primary))
#define LANGIDFROMLCID(lcid) static_cast<LANGID>(lcid)
#define LANG_NEUTRAL 0x00
#define LANG_ENGLISH 0x09
#define SUBLANG_NEUTRAL 0x00
#define SUBLANG_DEFAULT 0x01
#define SUBLANG_ENGLISH_US 0x01
#endif

/// The language of the calling thread: English.
inline LCID GetThreadLocale() noexcept
{
    return 0x0409;
}

/// The language of the user: English.
inline LANGID GetUserDefaultLangID() noexcept
{
    return 0x0409;
}

/// The language of the system: English.
inline LANGID GetSystemDefaultLangID() noexcept
{
    return 0x0409;
}

#endif
