/* Which slots of which interfaces a test has called. Those that there are come from the headers: the environment gives
 * BGCOPY_TEST_SLOTS, pairs of the name of an interface that no other one is derived from and its number of slots. */
#ifndef SLOTS_H
#define SLOTS_H

#include <stdint.h>

#include "check.h"

typedef void (*slot)(void);

enum { MOST_TABLES = 64 };

/* A table of methods: that of all objects of one kind, or of one made in C. */
static struct {
    slot *slots;
    const char *interface_name;
    uint64_t called;
} tables[MOST_TABLES];
static int table_count;
static pthread_mutex_t tables_lock = PTHREAD_MUTEX_INITIALIZER;

/* With the lock. */
static int table_of(void *object)
{
    slot *const slots = *(slot **)object;
    int i = 0;
    while (i < table_count && tables[i].slots != slots)
        ++i;
    CHECK(i < MOST_TABLES);
    if (i == table_count)
        tables[table_count++].slots = slots;
    return i;
}

/* Says which interface the object shows. */
static void name_table(void *object, const char *interface_name)
{
    pthread_mutex_lock(&tables_lock);
    tables[table_of(object)].interface_name = interface_name;
    pthread_mutex_unlock(&tables_lock);
}

/* Notes that a slot is called, and gives it. */
static slot slot_of(void *object, int number)
{
    pthread_mutex_lock(&tables_lock);
    tables[table_of(object)].called |= UINT64_C(1) << number;
    pthread_mutex_unlock(&tables_lock);
    return (*(slot **)object)[number];
}

/* Each slot of each interface was called. */
static void no_slot_was_left_out(void)
{
    const char *text = environment("BGCOPY_TEST_SLOTS");
    char name[128];
    int count, length, interfaces = 0, missing = 0;
    while (sscanf(text, "%127s %d%n", name, &count, &length) == 2) {
        uint64_t called = 0;
        text += length;
        ++interfaces;
        for (int i = 0; i < table_count; ++i)
            if (tables[i].interface_name != NULL && strcmp(tables[i].interface_name, name) == 0)
                called |= tables[i].called;
        for (int i = 0; i < count; ++i)
            if ((called >> i & 1) == 0) {
                fprintf(stderr, "slot %d of %s was not called\n", i, name);
                ++missing;
            }
        if (called >> count != 0) {
            fprintf(stderr, "%s has %d slots, and others were called\n", name, count);
            ++missing;
        }
    }
    CHECK(interfaces > 15 && missing == 0);
}

#endif
