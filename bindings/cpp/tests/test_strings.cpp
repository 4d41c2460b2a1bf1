// Wide strings of every kind, also with -fshort-wchar: what is text arrives, what is none changes nothing.
#include "mirror.h"

/// Texts of one, two, three and four bytes in UTF-8, and their edges.
static const wchar_t *const texts[] = {
    L"",
    L"plain",
    L"\u0080 \u07FF caf\u00E9",
    L"\u0800 \uD7FF \uE000 \uFFFD \uFFFF \u65E5\u672C",
    L"\U00010000 \U0001F600 \U0010FFFF",
};

/// Units that are no text.
#if __SIZEOF_WCHAR_T__ == 2
static const wchar_t no_texts[][4] = {
    {0xD800, 0},           // a high surrogate alone
    {0xDC00, 0},           // a low one
    {'a', 0xDBFF, 'b', 0}, // without its partner
    {0xDC00, 0xD800, 0},   // the wrong way round
    {0xD800, 0xD800, 0},
};
#else
static const wchar_t no_texts[][4] = {
    {wchar_t(0xD800), 0},
    {wchar_t(0xDFFF), 0},
    {wchar_t(0xD83D), wchar_t(0xDE00), 0}, // a pair is no code point
    {wchar_t(0x110000), 0},
    {wchar_t(0xFFFFFFFF), 0},
};
#endif

static void every_text_comes_back(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one = job(queue);
    LPWSTR text = nullptr;
    for (const wchar_t *expected : texts) {
        OK(one->SetDescription(expected));
        OK(one->GetDescription(&text));
        TEXT_IS(expected, text);
    }
    OK(one->Cancel());
}

static void what_is_no_text_is_refused_and_changes_nothing(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one = job(queue), none;
    ComPtr<IBackgroundCopyJob3> three;
    ComPtr<IBackgroundCopyJobHttpOptions2> http;
    ComPtr<IBackgroundCopyFile2> file;
    Wide remote(url_of("/file/1")), local(path_of("a"));
    GUID id;
    LPWSTR text = nullptr;
    OK(one.As(&three));
    OK(one.As(&http));
    OK(one->SetDescription(L"before"));
    OK(one->AddFile(remote, local));
    OK(first_file(one.Get()).As(&file));
    for (const wchar_t *bad : no_texts) {
        wchar_t *const name = const_cast<wchar_t *>(bad);
        BG_FILE_INFO files[] = {{remote, local}, {remote, name}};
        GIVES(E_INVALIDARG, queue->CreateJob(bad, BG_JOB_TYPE_DOWNLOAD, &id, &none));
        CHECK(!none && id == GUID_NULL);
        GIVES(E_INVALIDARG, one->SetDescription(bad));
        GIVES(E_INVALIDARG, one->SetDisplayName(bad));
        GIVES(E_INVALIDARG, one->AddFile(bad, local));
        GIVES(E_INVALIDARG, one->AddFile(remote, bad));
        GIVES(E_INVALIDARG, one->AddFileSet(2, files));
        GIVES(E_INVALIDARG, three->ReplaceRemotePrefix(bad, L"http:"));
        GIVES(E_INVALIDARG, three->ReplaceRemotePrefix(L"http:", bad));
        GIVES(E_INVALIDARG, three->SetNotifyCmdLine(bad, nullptr));
        GIVES(E_INVALIDARG, three->SetNotifyCmdLine(L"/bin/true", bad));
        GIVES(E_INVALIDARG, one->SetProxySettings(BG_JOB_PROXY_USAGE_OVERRIDE, bad, nullptr));
        GIVES(E_INVALIDARG, one->SetProxySettings(BG_JOB_PROXY_USAGE_OVERRIDE, L"a", bad));
        BG_AUTH_CREDENTIALS credentials = {BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, {{name, local}}};
        GIVES(E_INVALIDARG, three->SetCredentials(&credentials));
        GIVES(E_INVALIDARG, three->SetReplyFileName(bad));
        GIVES(E_INVALIDARG, http->SetCustomHeaders(bad));
        GIVES(E_INVALIDARG, http->SetHttpMethod(bad));
        GIVES(E_INVALIDARG, http->SetClientCertificateByName(BG_CERT_STORE_LOCATION_CURRENT_USER, bad, L"a"));
        GIVES(E_INVALIDARG, http->SetClientCertificateByName(BG_CERT_STORE_LOCATION_CURRENT_USER, L"MY", bad));
        GIVES(E_INVALIDARG, http->SetClientCertificateByID(BG_CERT_STORE_LOCATION_CURRENT_USER, bad, nullptr));
        GIVES(E_INVALIDARG, file->SetRemoteName(bad));
    }
    BG_JOB_PROGRESS progress;
    OK(one->GetProgress(&progress));
    CHECK(progress.FilesTotal == 1);
    OK(one->GetDescription(&text));
    TEXT_IS(L"before", text);
    OK(one->GetDisplayName(&text));
    TEXT_IS(L"a job", text);
    OK(file->GetRemoteName(&text));
    TEXT_IS(remote, text);
    OK(one->Cancel());
}

/// Limits count characters: one outside the BMP is one, whatever its units.
static void limits_count_characters(IBackgroundCopyManager *queue)
{
    ComPtr<IBackgroundCopyJob> one = job(queue);
    static wchar_t text[2 * 1025 + 1];
    size_t length = 0;
    for (int i = 0; i < 1024; ++i)
        for (const wchar_t *at = L"\U0001F600"; *at != 0; ++at)
            text[length++] = *at;
    OK(one->SetDescription(text));
    LPWSTR back = nullptr;
    OK(one->GetDescription(&back));
    TEXT_IS(text, back);
    text[length++] = 'x';
    GIVES(BG_E_STRING_TOO_LONG, one->SetDescription(text));
    OK(one->Cancel());
}

/// What the library gives is UTF-8; should it ever not be, it becomes U+FFFD and nothing is read past its end.
static void utf8_is_decoded()
{
    const struct {
        const char *utf8;
        const wchar_t *wide;
    } cases[] = {
        {"\x7F \xC2\x80 \xDF\xBF", L"\x7F \u0080 \u07FF"},
        {"\xE0\xA0\x80 \xEF\xBF\xBF", L"\u0800 \uFFFF"},
        {"\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF", L"\U00010000 \U0010FFFF"},
        {"\x80", L"\uFFFD"},
        {"\xC3", L"\uFFFD"},
        {"\xE2\x82", L"\uFFFD\uFFFD"},
        {"\xC0\xAF", L"\uFFFD\uFFFD"},
        {"\xED\xA0\x80", L"\uFFFD\uFFFD\uFFFD"},
        {"\xF4\x90\x80\x80", L"\uFFFD\uFFFD\uFFFD\uFFFD"},
        {"\xFF" "a", L"\uFFFDa"},
    };
    for (const auto &one : cases)
        TEXT_IS(one.wide, bgcopy::com::to_wide(one.utf8));
}

int main()
{
    ComPtr<IBackgroundCopyManager> queue = manager();
    every_text_comes_back(queue.Get());
    what_is_no_text_is_refused_and_changes_nothing(queue.Get());
    limits_count_characters(queue.Get());
    utf8_is_decoded();
    return 0;
}
