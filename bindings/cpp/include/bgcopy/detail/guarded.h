// Calls into the program.
#ifndef BGCOPY_DETAIL_GUARDED_H
#define BGCOPY_DETAIL_GUARDED_H

#include <new>

#include "unknown.h"

namespace bgcopy::com {

/// Calls into the program: what it throws becomes a failure, because it must not reach the library.
template <class Call> HRESULT guarded(Call call) noexcept
{
#ifdef __cpp_exceptions
    try {
        return call();
    } catch (const std::bad_alloc &) {
        return E_OUTOFMEMORY;
    } catch (...) {
        return E_FAIL;
    }
#else
    return call();
#endif
}

/// Returns a reference when a call into the program ends in any way.
class Borrowed {
public:
    explicit Borrowed(IUnknown *object) noexcept : object_(object) {}
    Borrowed(const Borrowed &) = delete;
    Borrowed &operator=(const Borrowed &) = delete;
    ~Borrowed() { object_->Release(); }

private:
    IUnknown *object_;
};

} // namespace bgcopy::com

#endif
