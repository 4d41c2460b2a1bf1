/* bitsmsg.h - the result codes of BITS. They are in bgcopy.h, under their names in the Windows SDK. */
#ifndef BGCOPY_BITSMSG_H
#define BGCOPY_BITSMSG_H

#ifdef _WIN32
#include <bitsmsg.h>
#else
#include <bgcopy.h>
#endif

#endif /* BGCOPY_BITSMSG_H */
