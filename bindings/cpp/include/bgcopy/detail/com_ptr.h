// Smart pointers: Microsoft::WRL::ComPtr and ATL::CComPtr.
#ifndef BGCOPY_DETAIL_COM_PTR_H
#define BGCOPY_DETAIL_COM_PTR_H

#include "activation.h"

namespace Microsoft::WRL {

template <class T> class ComPtr;

namespace Details {

/// What `&pointer` gives: it converts to the address of the pointer, which it empties first.
template <class Pointer> class ComPtrRef {
public:
    using InterfaceType = typename Pointer::InterfaceType;

    explicit ComPtrRef(Pointer *pointer) noexcept : pointer_(pointer) {}
    operator InterfaceType **() const noexcept { return pointer_->ReleaseAndGetAddressOf(); }
    operator void **() const noexcept { return reinterpret_cast<void **>(pointer_->ReleaseAndGetAddressOf()); }
    operator Pointer *() const noexcept { return pointer_; }
    InterfaceType *operator*() const noexcept { return pointer_->Get(); }
    InterfaceType *const *GetAddressOf() const noexcept { return pointer_->GetAddressOf(); }
    InterfaceType **ReleaseAndGetAddressOf() const noexcept { return pointer_->ReleaseAndGetAddressOf(); }

private:
    Pointer *pointer_;
};

} // namespace Details

/// Owns one reference to an interface.
template <class T> class ComPtr {
public:
    using InterfaceType = T;

    ComPtr() noexcept = default;
    ComPtr(decltype(nullptr)) noexcept {}
    ComPtr(T *other) noexcept : pointer_(other) { add_ref(); }
    ComPtr(const ComPtr &other) noexcept : pointer_(other.pointer_) { add_ref(); }
    ComPtr(ComPtr &&other) noexcept : pointer_(other.Detach()) {}
    /// From a pointer to a derived interface.
    template <class U> ComPtr(const ComPtr<U> &other) noexcept : pointer_(other.Get()) { add_ref(); }
    template <class U> ComPtr(ComPtr<U> &&other) noexcept : pointer_(other.Detach()) {}
    ~ComPtr() { Reset(); }

    ComPtr &operator=(decltype(nullptr)) noexcept
    {
        Reset();
        return *this;
    }
    ComPtr &operator=(T *other) noexcept
    {
        ComPtr(other).Swap(*this);
        return *this;
    }
    ComPtr &operator=(const ComPtr &other) noexcept
    {
        ComPtr(other).Swap(*this);
        return *this;
    }
    ComPtr &operator=(ComPtr &&other) noexcept
    {
        ComPtr(static_cast<ComPtr &&>(other)).Swap(*this);
        return *this;
    }
    template <class U> ComPtr &operator=(const ComPtr<U> &other) noexcept
    {
        ComPtr(other).Swap(*this);
        return *this;
    }
    template <class U> ComPtr &operator=(ComPtr<U> &&other) noexcept
    {
        ComPtr(static_cast<ComPtr<U> &&>(other)).Swap(*this);
        return *this;
    }

    void Swap(ComPtr &other) noexcept
    {
        T *const mine = pointer_;
        pointer_ = other.pointer_;
        other.pointer_ = mine;
    }
    explicit operator bool() const noexcept { return pointer_ != nullptr; }
    T *Get() const noexcept { return pointer_; }
    T *operator->() const noexcept { return pointer_; }
    Details::ComPtrRef<ComPtr> operator&() noexcept { return Details::ComPtrRef<ComPtr>(this); }
    T *const *GetAddressOf() const noexcept { return &pointer_; }
    T **GetAddressOf() noexcept { return &pointer_; }
    T **ReleaseAndGetAddressOf() noexcept
    {
        Reset();
        return &pointer_;
    }
    /// Gives the reference away.
    T *Detach() noexcept
    {
        T *const given = pointer_;
        pointer_ = nullptr;
        return given;
    }
    /// Takes over a reference of the caller.
    void Attach(T *other) noexcept
    {
        Reset();
        pointer_ = other;
    }
    /// Returns the reference; gives how many are left, 0 for an empty pointer.
    unsigned long Reset() noexcept
    {
        T *const old = Detach();
        return old != nullptr ? old->Release() : 0;
    }
    HRESULT CopyTo(T **other) const noexcept
    {
        if (other == nullptr)
            return E_POINTER;
        add_ref();
        *other = pointer_;
        return S_OK;
    }
    HRESULT CopyTo(REFIID riid, void **other) const noexcept { return pointer_->QueryInterface(riid, other); }
    template <class U> HRESULT CopyTo(U **other) const noexcept
    {
        return pointer_->QueryInterface(__uuidof(U), reinterpret_cast<void **>(other));
    }
    /// Another interface of the object.
    template <class U> HRESULT As(Details::ComPtrRef<ComPtr<U>> other) const noexcept
    {
        return pointer_->QueryInterface(__uuidof(U), other);
    }
    template <class U> HRESULT As(ComPtr<U> *other) const noexcept
    {
        return pointer_->QueryInterface(__uuidof(U), reinterpret_cast<void **>(other->ReleaseAndGetAddressOf()));
    }
    HRESULT AsIID(REFIID riid, ComPtr<IUnknown> *other) const noexcept
    {
        return pointer_->QueryInterface(riid, reinterpret_cast<void **>(other->ReleaseAndGetAddressOf()));
    }

private:
    void add_ref() const noexcept
    {
        if (pointer_ != nullptr)
            pointer_->AddRef();
    }

    T *pointer_ = nullptr;
};

template <class T, class U> bool operator==(const ComPtr<T> &left, const ComPtr<U> &right) noexcept
{
    return left.Get() == right.Get();
}
template <class T, class U> bool operator!=(const ComPtr<T> &left, const ComPtr<U> &right) noexcept
{
    return left.Get() != right.Get();
}
template <class T> bool operator==(const ComPtr<T> &left, decltype(nullptr)) noexcept
{
    return left.Get() == nullptr;
}
template <class T> bool operator!=(const ComPtr<T> &left, decltype(nullptr)) noexcept
{
    return left.Get() != nullptr;
}

} // namespace Microsoft::WRL

template <class Pointer>
void **IID_PPV_ARGS_Helper(Microsoft::WRL::Details::ComPtrRef<Pointer> pointer) noexcept
{
    return pointer;
}

namespace ATL {

/// Owns one reference to an interface; converts to the plain pointer.
template <class T> class CComPtr {
public:
    CComPtr() noexcept = default;
    CComPtr(decltype(nullptr)) noexcept {}
    CComPtr(T *other) noexcept : p(other) { add_ref(); }
    CComPtr(const CComPtr &other) noexcept : p(other.p) { add_ref(); }
    CComPtr(CComPtr &&other) noexcept : p(other.Detach()) {}
    ~CComPtr() { Release(); }

    T *operator=(T *other) noexcept
    {
        CComPtr copy(other);
        swap(copy);
        return p;
    }
    T *operator=(const CComPtr &other) noexcept { return *this = other.p; }
    T *operator=(CComPtr &&other) noexcept
    {
        CComPtr moved(static_cast<CComPtr &&>(other));
        swap(moved);
        return p;
    }

    operator T *() const noexcept { return p; }
    T &operator*() const noexcept { return *p; }
    /// For an empty pointer only: what it holds would be lost.
    T **operator&() noexcept { return &p; }
    T *operator->() const noexcept { return p; }
    bool operator!() const noexcept { return p == nullptr; }
    void Release() noexcept
    {
        T *const old = Detach();
        if (old != nullptr)
            old->Release();
    }
    /// Takes over a reference of the caller.
    void Attach(T *other) noexcept
    {
        Release();
        p = other;
    }
    /// Gives the reference away.
    T *Detach() noexcept
    {
        T *const given = p;
        p = nullptr;
        return given;
    }
    HRESULT CopyTo(T **other) const noexcept
    {
        if (other == nullptr)
            return E_POINTER;
        add_ref();
        *other = p;
        return S_OK;
    }
    template <class U> HRESULT QueryInterface(U **other) const noexcept
    {
        return other == nullptr ? E_POINTER : p->QueryInterface(__uuidof(U), reinterpret_cast<void **>(other));
    }
    HRESULT CoCreateInstance(REFCLSID clsid, IUnknown *outer = nullptr, DWORD context = CLSCTX_ALL) noexcept
    {
        return ::CoCreateInstance(clsid, outer, context, __uuidof(T), reinterpret_cast<void **>(&p));
    }
    /// Whether both are the same object, by the rule of COM: the same IUnknown.
    bool IsEqualObject(IUnknown *other) const noexcept
    {
        if (p == nullptr || other == nullptr)
            return p == nullptr && other == nullptr;
        CComPtr<IUnknown> mine, theirs;
        p->QueryInterface(__uuidof(IUnknown), reinterpret_cast<void **>(&mine));
        other->QueryInterface(__uuidof(IUnknown), reinterpret_cast<void **>(&theirs));
        return mine.p == theirs.p;
    }

    T *p = nullptr;

private:
    void add_ref() const noexcept
    {
        if (p != nullptr)
            p->AddRef();
    }
    void swap(CComPtr &other) noexcept
    {
        T *const mine = p;
        p = other.p;
        other.p = mine;
    }
};

} // namespace ATL

using ATL::CComPtr;

#endif
