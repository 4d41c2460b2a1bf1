// The legacy queue manager: the queue as groups.
#ifndef BGCOPY_DETAIL_QMGR_H
#define BGCOPY_DETAIL_QMGR_H

#include "group.h"
#include "identifiers.h"

namespace bgcopy::com {

class QMgr final : public Object<bg_qmgr, IBackgroundCopyQMgr> {
public:
    explicit QMgr(bg_qmgr *handle) noexcept : Object(handle) {}

    HRESULT STDMETHODCALLTYPE CreateGroup(GUID guidGroupID, IBackgroundCopyGroup **ppGroup) override
    {
        const bg_guid id = to_c(guidGroupID);
        bg_group *group = nullptr;
        const HRESULT result = bg_qmgr_create_group(handle(), &id, ppGroup != nullptr ? &group : nullptr);
        return give<Group>(result, group, ppGroup);
    }

    HRESULT STDMETHODCALLTYPE GetGroup(GUID groupID, IBackgroundCopyGroup **ppGroup) override
    {
        const bg_guid id = to_c(groupID);
        bg_group *group = nullptr;
        const HRESULT result = bg_qmgr_get_group(handle(), &id, ppGroup != nullptr ? &group : nullptr);
        return give<Group>(result, group, ppGroup);
    }

    HRESULT STDMETHODCALLTYPE EnumGroups(DWORD dwFlags, IEnumBackgroundCopyGroups **ppEnumGroups) override
    {
        bg_enum_groups *groups = nullptr;
        const HRESULT result = bg_qmgr_enum_groups(handle(), dwFlags, ppEnumGroups != nullptr ? &groups : nullptr);
        return give<Identifiers<GroupList>>(result, groups, ppEnumGroups);
    }

private:
    void *find(REFIID riid) noexcept override
    {
        return is_one_of<IUnknown, IBackgroundCopyQMgr>(riid) ? static_cast<IBackgroundCopyQMgr *>(this) : nullptr;
    }
};

// Not inline, so that it is there for the files that call CoCreateInstance and do not include this; weak, so that
// several may have it.
HRESULT create_qmgr(REFCLSID clsid, REFIID riid, void **ppv) noexcept
{
    if (clsid != __uuidof(BackgroundCopyQMgr))
        return REGDB_E_CLASSNOTREG;
    bg_manager *manager = nullptr;
    HRESULT result = queue.open(&manager);
    if (FAILED(result))
        return result;
    bg_qmgr *handle = nullptr;
    IBackgroundCopyQMgr *made = nullptr;
    result = bg_qmgr_open(manager, &handle);
    result = give<QMgr>(result, handle, &made);
    bg_manager_release(manager);
    // The object has a use of its own now.
    queue.leave();
    if (FAILED(result))
        return result;
    result = made->QueryInterface(riid, ppv);
    made->Release();
    return result;
}

} // namespace bgcopy::com

#endif
