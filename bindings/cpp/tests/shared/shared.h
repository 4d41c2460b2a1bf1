// What the shared object gives to the program.
#ifndef SHARED_H
#define SHARED_H

#include <bgcopy/bits.h>

/// Asks the queue of the shared object for a job, gives it back with its callback object.
extern "C" [[gnu::visibility("default")]] HRESULT find_in_shared_object(const GUID *id, IUnknown **job,
                                                                       IUnknown **callback);
/// CoInitializeEx and CoUninitialize, called by the shared object.
extern "C" [[gnu::visibility("default")]] HRESULT begin_in_shared_object();
extern "C" [[gnu::visibility("default")]] void end_in_shared_object();

#endif
