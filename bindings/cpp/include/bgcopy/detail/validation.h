// The object of a program that judges the certificates of servers.
#ifndef BGCOPY_DETAIL_VALIDATION_H
#define BGCOPY_DETAIL_VALIDATION_H

#include "guarded.h"
#include "job.h"

namespace bgcopy::com {

/// Holds one reference to the object of the program while the library may call it.
class Validation {
public:
    /// Registers `object` in place of the one before; NULL clears.
    static HRESULT set(bg_job *job, IUnknown *object) noexcept
    {
        if (object == nullptr)
            return bg_job_set_server_certificate_validation_callback(job, nullptr, nullptr);
        Callback *callback = nullptr;
        if (FAILED(guarded([&] { return object->QueryInterface(&callback); })) || callback == nullptr)
            return E_NOINTERFACE;
        bg_server_certificate_validation_callback validation = sized<bg_server_certificate_validation_callback>();
        validation.validate_server_certificate = validate;
        validation.destroy = destroy;
        const HRESULT result = bg_job_set_server_certificate_validation_callback(job, &validation, callback);
        if (FAILED(result))
            destroy(callback);
        return result;
    }

private:
    using Callback = IBackgroundCopyServerCertificateValidationCallback;

    static void destroy(void *data) noexcept
    {
        guarded([data] { return static_cast<HRESULT>(static_cast<Callback *>(data)->Release()); });
    }

    static bg_result validate(void *data, bg_job *job, bg_file *file, uint32_t length, const uint8_t *certificate,
                              uint32_t encoding, uint32_t store_length, const uint8_t *store)
    {
        if (!queue.join_if_open())
            return BG_E_DISCONNECTED;
        IBackgroundCopyJob *of = nullptr;
        IBackgroundCopyFile *with = nullptr;
        HRESULT result = give<Job>(S_OK, bg_job_retain(job), &of);
        if (SUCCEEDED(result))
            result = give<File>(S_OK, bg_file_retain(file), &with);
        if (SUCCEEDED(result))
            result = guarded([=] {
                return static_cast<Callback *>(data)->ValidateServerCertificate(of, with, length, certificate, encoding,
                                                                                store_length, store);
            });
        if (with != nullptr)
            with->Release();
        if (of != nullptr)
            of->Release();
        // The transfer waits for this call, and to close the queue for the transfer.
        queue.leave_on_another_thread();
        return result;
    }
};

inline HRESULT Job::SetServerCertificateValidationInterface(IUnknown *certValidationCallback)
{
    return Validation::set(handle(), certValidationCallback);
}

} // namespace bgcopy::com

#endif
