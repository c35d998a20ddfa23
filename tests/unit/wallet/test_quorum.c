#include "wallet/quorum.h"

#include <criterion/criterion.h>

/* consensus.md, quorum table: what may be off, in the words of organisation.md. */
Test(quorum, means_what_the_table_says)
{
    static const struct {
        enum quorum_mode mode;
        unsigned members;
        const char *meaning;
        const char *advice; /* a part of it; NULL: none */
    } rows[] = {
        {QUORUM_BFT, 1, "its only node off = the ledger pauses", NULL},
        {QUORUM_CRASH, 1, "its only node off = the ledger pauses", NULL},
        {QUORUM_BFT, 2, "any 1 of 2 off = the ledger pauses", "add a third in crash mode"},
        {QUORUM_CRASH, 2,
         "any 1 of 2 off = the ledger pauses; everyone is fully trusted: one member that lies can "
         "split it",
         "add a third in crash mode"},
        {QUORUM_BFT, 3, "any 1 of 3 off = the ledger pauses", "add a fourth, or choose crash mode"},
        {QUORUM_CRASH, 3,
         "up to 1 of 3 may be off; 2 off = the ledger pauses; everyone is fully trusted: one "
         "member that lies can split it",
         NULL},
        {QUORUM_BFT, 4, "up to 1 of 4 may be off; 2 off = the ledger pauses", NULL},
        {QUORUM_ALL, 4, "any 1 of 4 off = the ledger pauses", "choose mode bft"},
        {QUORUM_BFT, 7, "up to 2 of 7 may be off; 3 off = the ledger pauses", NULL},
        {QUORUM_BFT, 100, "up to 33 of 100 may be off; 34 off = the ledger pauses", NULL},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *advice = quorum_advice(rows[i].mode, rows[i].members);
        cr_expect_str_eq(quorum_meaning(rows[i].mode, rows[i].members, &arena), rows[i].meaning);
        cr_expect_eq(advice == NULL, rows[i].advice == NULL, "%u", rows[i].members);
        if (advice != NULL && rows[i].advice != NULL)
            cr_expect_not_null(strstr(advice, rows[i].advice), "%s", advice);
    }
    arena_cleanup(&arena);
}
