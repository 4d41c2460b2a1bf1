/* com.h - what programs for BITS use around its interfaces: types, identifiers, IUnknown, strings and memory of
 * COM, activation, smart pointers.
 *
 * Names and values are those of the Windows SDK. It is meant for <bgcopy/bits.h>, not as a Windows of its own:
 * what those programs do not need is not here. On Windows the SDK itself is used.
 *
 * `wchar_t` is what the compiler makes it: 32 bits as a rule, 16 bits with -fshort-wchar. All files of a program
 * must agree.
 */
#ifndef BGCOPY_COM_H
#define BGCOPY_COM_H

#ifdef _WIN32
#include <windows.h>
#include <objbase.h>
#include <oleauto.h>
#include <atlbase.h>
#include <wrl/client.h>
#else

#include "detail/types.h"
#include "detail/hresult.h"
#include "detail/guid.h"
#include "detail/unknown.h"
#include "detail/memory.h"
#include "detail/time.h"
#include "detail/language.h"
#include "detail/activation.h"
#include "detail/impersonation.h"
#include "detail/com_ptr.h"

#include "bits.h" /* what CoCreateInstance makes; it includes this header, too */

#endif /* _WIN32 */
#endif /* BGCOPY_COM_H */
