// The C++ side of vtable.c.
#include "vtable.h"

#include <bgcopy/qmgr.h>

#include "mirror.h"

extern "C" void *new_manager(void)
{
    return manager().Detach();
}

extern "C" void *new_qmgr(void)
{
    void *made = nullptr;
    setenv("BGCOPY_DIRECTORY", path_of("queue"), 1);
    OK(CoCreateInstance(CLSID_BackgroundCopyQMgr, nullptr, CLSCTX_ALL, __uuidof(IBackgroundCopyQMgr), &made));
    return made;
}

extern "C" const void *iid_of(const char *name)
{
#define KNOWN(type)                                                                                         \
    if (strcmp(name, #type) == 0)                                                                           \
    return &__uuidof(type)
    KNOWN(IUnknown);
    KNOWN(IBackgroundCopyJob5);
    KNOWN(IBackgroundCopyJobHttpOptions3);
    KNOWN(IBitsTokenOptions);
    KNOWN(IBackgroundCopyFile6);
    KNOWN(IBitsPeerCacheAdministration);
    KNOWN(IBackgroundCopyCallback);
    KNOWN(IBackgroundCopyCallback2);
    KNOWN(IBackgroundCopyCallback3);
    KNOWN(IBackgroundCopyCallback1);
    KNOWN(IBackgroundCopyServerCertificateValidationCallback);
#undef KNOWN
    fprintf(stderr, "no identifier for %s\n", name);
    exit(1);
}
