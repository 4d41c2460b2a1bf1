// The callback object of a program for a group.
#ifndef BGCOPY_DETAIL_CALLBACK1_H
#define BGCOPY_DETAIL_CALLBACK1_H

#include "group.h"
#include "guarded.h"

namespace bgcopy::com {

/// Holds one reference to the object of the program while the library may call it.
class Notification1 {
public:
    /// Registers `object` in place of the one before; NULL clears.
    static HRESULT set(bg_group *group, IUnknown *object) noexcept
    {
        if (object == nullptr)
            return bg_group_set_notification_pointer(group, nullptr, nullptr);
        IBackgroundCopyCallback1 *callback = nullptr;
        if (FAILED(guarded([&] { return object->QueryInterface(&callback); })) || callback == nullptr)
            return E_NOINTERFACE;
        bg_callbacks1 callbacks = sized<bg_callbacks1>();
        callbacks.on_status = on_status;
        callbacks.destroy = destroy;
        const HRESULT result = bg_group_set_notification_pointer(group, &callbacks, callback);
        if (FAILED(result))
            destroy(callback);
        return result;
    }

private:
    static void destroy(void *data) noexcept
    {
        guarded([data] { return static_cast<HRESULT>(static_cast<IBackgroundCopyCallback1 *>(data)->Release()); });
    }

    static bg_result on_status(void *data, bg_group *group, bg_job1 *job, uint32_t file_index, uint32_t status,
                               uint32_t retries, uint32_t win32_result, uint32_t transport_result)
    {
        if (!queue.join_if_open())
            return BG_E_DISCONNECTED;
        IBackgroundCopyGroup *of = nullptr;
        IBackgroundCopyJob1 *with = nullptr;
        HRESULT result = give<Group>(S_OK, bg_group_retain(group), &of);
        if (SUCCEEDED(result))
            result = give<Job1>(S_OK, bg_job1_retain(job), &with);
        if (SUCCEEDED(result))
            result = guarded([=] {
                return static_cast<IBackgroundCopyCallback1 *>(data)->OnStatus(of, with, file_index, status, retries,
                                                                               win32_result, transport_result);
            });
        if (with != nullptr)
            with->Release();
        if (of != nullptr)
            of->Release();
        queue.leave();
        return result;
    }
};

inline HRESULT Group::SetNotificationPointer(REFIID iid, IUnknown *pUnk)
{
    if (!is_one_of<IUnknown, IBackgroundCopyCallback1>(iid))
        return E_NOINTERFACE;
    return Notification1::set(handle(), pUnk);
}

} // namespace bgcopy::com

#endif
