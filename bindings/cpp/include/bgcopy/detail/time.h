// FILETIME: 100-nanosecond steps since 1601-01-01 00:00 UTC.
#ifndef BGCOPY_DETAIL_TIME_H
#define BGCOPY_DETAIL_TIME_H

#include <errno.h>
#include <time.h>

#include "types.h"

/// A point in time, in two halves.
typedef struct _FILETIME {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME;

/// A point in time, as a calendar says it.
typedef struct _SYSTEMTIME {
    WORD wYear;
    WORD wMonth;
    WORD wDayOfWeek;
    WORD wDay;
    WORD wHour;
    WORD wMinute;
    WORD wSecond;
    WORD wMilliseconds;
} SYSTEMTIME;

namespace bgcopy::com {

inline constexpr int64_t ticks_per_second = 10'000'000;
/// Seconds between 1601 and 1970.
inline constexpr int64_t seconds_to_1970 = 11'644'473'600;

inline FILETIME filetime(int64_t ticks) noexcept
{
    return {static_cast<DWORD>(ticks), static_cast<DWORD>(static_cast<uint64_t>(ticks) >> 32)};
}

inline int64_t ticks(const FILETIME &time) noexcept
{
    return static_cast<int64_t>(static_cast<uint64_t>(time.dwHighDateTime) << 32 | time.dwLowDateTime);
}

/// From the nanoseconds since 1970 of the C interface, where 0 means never, as it does here.
inline FILETIME filetime_of_unix(int64_t nanoseconds) noexcept
{
    return filetime(nanoseconds == 0 ? 0 : nanoseconds / 100 + seconds_to_1970 * ticks_per_second);
}

inline SYSTEMTIME systemtime(const struct tm &calendar, int64_t ticks) noexcept
{
    return {static_cast<WORD>(calendar.tm_year + 1900),
            static_cast<WORD>(calendar.tm_mon + 1),
            static_cast<WORD>(calendar.tm_wday),
            static_cast<WORD>(calendar.tm_mday),
            static_cast<WORD>(calendar.tm_hour),
            static_cast<WORD>(calendar.tm_min),
            static_cast<WORD>(calendar.tm_sec),
            static_cast<WORD>(ticks % ticks_per_second / (ticks_per_second / 1000))};
}

} // namespace bgcopy::com

/// Which time is earlier: -1 the first, 1 the second, 0 neither.
inline LONG CompareFileTime(const FILETIME *first, const FILETIME *second) noexcept
{
    const int64_t left = bgcopy::com::ticks(*first), right = bgcopy::com::ticks(*second);
    return left < right ? -1 : left > right ? 1 : 0;
}

/// The time now.
inline void GetSystemTimeAsFileTime(FILETIME *time) noexcept
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    *time = bgcopy::com::filetime((now.tv_sec + bgcopy::com::seconds_to_1970) * bgcopy::com::ticks_per_second +
                                  now.tv_nsec / 100);
}

/// A time as the calendar of UTC says it; FALSE for NULL and for times after the year 30827.
inline BOOL FileTimeToSystemTime(const FILETIME *time, SYSTEMTIME *calendar) noexcept
{
    if (time == nullptr || calendar == nullptr || time->dwHighDateTime >= 0x80000000u)
        return FALSE;
    const int64_t ticks = bgcopy::com::ticks(*time);
    const time_t seconds = ticks / bgcopy::com::ticks_per_second - bgcopy::com::seconds_to_1970;
    struct tm parts;
    if (gmtime_r(&seconds, &parts) == nullptr || parts.tm_year + 1900 > 30827)
        return FALSE;
    *calendar = bgcopy::com::systemtime(parts, ticks);
    return TRUE;
}

/// The time that a calendar of UTC says, whatever its day of the week; FALSE for NULL and for a time that is none, or
/// before 1601.
inline BOOL SystemTimeToFileTime(const SYSTEMTIME *calendar, FILETIME *time) noexcept
{
    if (calendar == nullptr || time == nullptr || calendar->wYear < 1601 || calendar->wYear > 30827 ||
        calendar->wHour > 23 || calendar->wMinute > 59 || calendar->wSecond > 59 || calendar->wMilliseconds > 999)
        return FALSE;
    struct tm parts = {};
    parts.tm_year = calendar->wYear - 1900;
    parts.tm_mon = calendar->wMonth - 1;
    parts.tm_mday = calendar->wDay;
    parts.tm_hour = calendar->wHour;
    parts.tm_min = calendar->wMinute;
    parts.tm_sec = calendar->wSecond;
    const int64_t seconds = timegm(&parts);
    // A day that the month does not have became one of the next.
    if (parts.tm_mon != calendar->wMonth - 1 || parts.tm_mday != calendar->wDay)
        return FALSE;
    *time = bgcopy::com::filetime((seconds + bgcopy::com::seconds_to_1970) * bgcopy::com::ticks_per_second +
                                  calendar->wMilliseconds * (bgcopy::com::ticks_per_second / 1000));
    return TRUE;
}

/// The time that clocks on the wall show here when it is `time`, for FileTimeToSystemTime; FALSE for NULL.
inline BOOL FileTimeToLocalFileTime(const FILETIME *time, FILETIME *local) noexcept
{
    if (time == nullptr || local == nullptr || time->dwHighDateTime >= 0x80000000u)
        return FALSE;
    const int64_t ticks = bgcopy::com::ticks(*time);
    const time_t seconds = ticks / bgcopy::com::ticks_per_second - bgcopy::com::seconds_to_1970;
    struct tm parts;
    if (localtime_r(&seconds, &parts) == nullptr)
        return FALSE;
    const int64_t there = timegm(&parts);
    *local = bgcopy::com::filetime(ticks + (there - seconds) * bgcopy::com::ticks_per_second);
    return TRUE;
}

/// Waits for so many milliseconds; 0 lets other threads run, 0xFFFFFFFF waits for ever.
inline void Sleep(DWORD milliseconds) noexcept
{
    struct timespec rest;
    do {
        rest.tv_sec = milliseconds / 1000;
        rest.tv_nsec = milliseconds % 1000 * 1'000'000L;
        while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {
        }
    } while (milliseconds == 0xFFFFFFFFu);
}

#endif
