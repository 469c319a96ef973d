/*
 * libcurl, loaded when the first of its functions is called (see base/library.h). Who needs another one adds it here.
 * Where the system has no libcurl, curl_easy_init and curl_multi_init return NULL and curl_easy_strerror says why.
 */
#include "base/library.h"
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdarg.h>

/*
 * curl.h has parameter names of its own, which change between releases; arguments of several types are passed on in the
 * same words; and the analyzer loses sight of va_start.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name,bugprone-branch-clone,clang-analyzer-valist.*)
 */

static struct library curl = {.file = "libcurl.so.4"};

static const char missing[] = "libcurl is not installed: its package is libcurl4, or libcurl4t64";

LIBRARY_FUNCTION(&curl, CURL *, curl_easy_init, (void), (), NULL)
LIBRARY_FUNCTION(&curl, CURLcode, curl_easy_perform, (CURL * easy), (easy), CURLE_FAILED_INIT)
LIBRARY_FUNCTION(&curl, const char *, curl_easy_strerror, (CURLcode code), (code), missing)
LIBRARY_PROCEDURE(&curl, curl_easy_cleanup, (CURL * easy), (easy))

LIBRARY_FUNCTION(&curl, struct curl_slist *, curl_slist_append, (struct curl_slist * list, const char *text),
                 (list, text), NULL)
LIBRARY_PROCEDURE(&curl, curl_slist_free_all, (struct curl_slist * list), (list))

LIBRARY_FUNCTION(&curl, CURLM *, curl_multi_init, (void), (), NULL)
LIBRARY_FUNCTION(&curl, CURLMcode, curl_multi_add_handle, (CURLM * multi, CURL *easy), (multi, easy), CURLM_BAD_HANDLE)
LIBRARY_FUNCTION(&curl, CURLMcode, curl_multi_remove_handle, (CURLM * multi, CURL *easy), (multi, easy),
                 CURLM_BAD_HANDLE)
LIBRARY_FUNCTION(&curl, CURLMcode, curl_multi_perform, (CURLM * multi, int *running), (multi, running),
                 CURLM_BAD_HANDLE)
LIBRARY_FUNCTION(&curl, CURLMcode, curl_multi_poll,
                 (CURLM * multi, struct curl_waitfd *waits, unsigned count, int timeout, int *ready),
                 (multi, waits, count, timeout, ready), CURLM_BAD_HANDLE)
LIBRARY_FUNCTION(&curl, CURLMsg *, curl_multi_info_read, (CURLM * multi, int *left), (multi, left), NULL)
LIBRARY_FUNCTION(&curl, CURLMcode, curl_multi_cleanup, (CURLM * multi), (multi), CURLM_BAD_HANDLE)

/* What stands behind `...` has the type that the option's number tells, in steps of 10000. */
static int kind(int option)
{
    return option - option % 10000;
}

CURLcode(curl_easy_setopt)(CURL *easy, CURLoption option, ...)
{
    LIBRARY_FIND(&curl, CURLcode, curl_easy_setopt, (CURL *, CURLoption, ...));
    if (!found.address)
        return CURLE_FAILED_INIT;
    CURLcode code = CURLE_UNKNOWN_OPTION;
    va_list more;
    va_start(more, option);
    switch (kind((int)option)) {
    case CURLOPTTYPE_LONG:
        code = found.call(easy, option, va_arg(more, long));
        break;
    case CURLOPTTYPE_OBJECTPOINT:
    case CURLOPTTYPE_BLOB:
        code = found.call(easy, option, va_arg(more, void *));
        break;
    case CURLOPTTYPE_FUNCTIONPOINT:
        code = found.call(easy, option, va_arg(more, void (*)(void)));
        break;
    case CURLOPTTYPE_OFF_T:
        code = found.call(easy, option, va_arg(more, curl_off_t));
        break;
    default:
        break;
    }
    va_end(more);
    return code;
}

CURLMcode(curl_multi_setopt)(CURLM *multi, CURLMoption option, ...)
{
    LIBRARY_FIND(&curl, CURLMcode, curl_multi_setopt, (CURLM *, CURLMoption, ...));
    if (!found.address)
        return CURLM_BAD_HANDLE;
    CURLMcode code = CURLM_UNKNOWN_OPTION;
    va_list more;
    va_start(more, option);
    switch (kind((int)option)) {
    case CURLOPTTYPE_LONG:
        code = found.call(multi, option, va_arg(more, long));
        break;
    case CURLOPTTYPE_OBJECTPOINT:
        code = found.call(multi, option, va_arg(more, void *));
        break;
    case CURLOPTTYPE_FUNCTIONPOINT:
        code = found.call(multi, option, va_arg(more, void (*)(void)));
        break;
    default:
        break;
    }
    va_end(more);
    return code;
}

/* Its argument is always a place to write to. */
CURLcode(curl_easy_getinfo)(CURL *easy, CURLINFO info, ...)
{
    LIBRARY_FIND(&curl, CURLcode, curl_easy_getinfo, (CURL *, CURLINFO, ...));
    if (!found.address)
        return CURLE_FAILED_INIT;
    va_list more;
    va_start(more, info);
    CURLcode code = found.call(easy, info, va_arg(more, void *));
    va_end(more);
    return code;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name,bugprone-branch-clone,clang-analyzer-valist.*) */
