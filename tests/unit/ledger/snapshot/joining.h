/* A busy ledger of 47 blocks, the parcel of its block 30, and a place to join at. */
#ifndef TESTS_UNIT_LEDGER_SNAPSHOT_JOINING_H
#define TESTS_UNIT_LEDGER_SNAPSHOT_JOINING_H
#include "tests/unit/ledger/snapshot/busy.h"

struct joining {
    struct busy busy;
    struct parcel parcel;
    struct arena arena;
    struct snapshot_ground ground; /* of the parcel's block */
    char directory[128];
};
extern struct joining joining;

/* A suite's .init and .fini. */
void joining_start(void);
void joining_stop(void);

/* With the ground as it stands. */
struct snapshot_import *joining_import(const struct parcel *from);
void joining_add(struct snapshot_import *import, const struct parcel *from, size_t number);
/* In any order, some twice. */
void joining_add_all(struct snapshot_import *import, const struct parcel *from);
/* All of it, from opening to a ledger that is there. */
void joining_finish(const struct parcel *from);
struct ledger *joining_open(void);
void joining_expect_sound(struct ledger *ledger);
bool joining_is_there(const char *path);
bool joining_is_draft_there(void);
#endif
