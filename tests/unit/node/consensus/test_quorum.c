#include <criterion/criterion.h>

#include "ledger/chain/finality.h"
#include "node/consensus/quorum.h"

static struct thresholds of(enum quorum_mode mode, unsigned members)
{
    return thresholds_of(members, quorum_size(mode, members));
}

/* consensus 1, the table. */
Test(quorum, is_as_the_table_of_the_design_says)
{
    static const struct {
        enum quorum_mode mode;
        unsigned members, quorum, down, liars;
    } rows[] = {
        {QUORUM_BFT, 1, 1, 0, 0},  {QUORUM_BFT, 2, 2, 0, 1},      {QUORUM_CRASH, 2, 2, 0, 1},
        {QUORUM_BFT, 3, 3, 0, 2},  {QUORUM_CRASH, 3, 2, 1, 0},    {QUORUM_BFT, 4, 3, 1, 1},
        {QUORUM_BFT, 5, 4, 1, 2},  {QUORUM_CRASH, 5, 3, 2, 0},    {QUORUM_BFT, 7, 5, 2, 2},
        {QUORUM_BFT, 10, 7, 3, 3}, {QUORUM_BFT, 100, 67, 33, 33}, {QUORUM_ALL, 100, 100, 0, 99},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct thresholds found = of(rows[i].mode, rows[i].members);
        cr_expect_eq(found.quorum, rows[i].quorum, "row %zu", i);
        cr_expect_eq(found.down_max, rows[i].down, "row %zu", i);
        cr_expect_eq(found.liars_safe, rows[i].liars, "row %zu", i);
    }
}

/* Counted out, not by the formulas: in every committee of every mode. */
Test(quorum, any_two_quorums_share_more_members_than_may_lie)
{
    for (unsigned mode = QUORUM_BFT; mode <= QUORUM_ALL; mode++) {
        for (unsigned members = 1; members <= COMMITTEE_SIZE_MAX; members++) {
            struct thresholds found = of((enum quorum_mode)mode, members);
            unsigned shared = 0; /* by the first q and the last q members */
            for (unsigned i = 0; i < members; i++)
                shared += i < found.quorum && i >= members - found.quorum;
            cr_assert_eq(shared, found.liars_safe + 1, "mode %u, %u members", mode, members);
            cr_assert_eq(members - found.down_max, found.quorum);
            cr_assert_leq(found.liars_live, found.liars_safe);
            cr_assert_leq(found.liars_live, found.down_max);
            if (mode == QUORUM_BFT && members % 3 == 1) {
                cr_assert_eq(found.liars_live, (members - 1) / 3);
            }
        }
    }
}

/* 2.9: the remembering others that a forgetful member waits for meet every quorum that it
 * voted with in one who remembers and does not lie. */
Test(quorum, amnesia_ends_with_an_honest_witness_of_every_quorum)
{
    for (unsigned mode = QUORUM_BFT; mode <= QUORUM_ALL; mode++) {
        for (unsigned members = 2; members <= COMMITTEE_SIZE_MAX; members++) {
            struct thresholds found = of((enum quorum_mode)mode, members);
            const unsigned others = members - 1;
            cr_assert_leq(found.remember, others);
            /* The quorum's other q - 1 members may all stand outside what was asked, except: */
            const int met = (int)(found.remember + found.quorum - 1) - (int)others;
            cr_assert_geq(met, 1, "mode %u, %u members", mode, members);
            if (found.quorum < members) {
                cr_assert_gt((unsigned)met, found.liars_live, "mode %u, %u members", mode, members);
            }
        }
    }
    cr_expect_eq(of(QUORUM_BFT, 4).remember, 3, "four members need all three others");
    cr_expect_eq(of(QUORUM_BFT, 1).remember, 0, "the operator confirms");
}

Test(quorum, amplification_needs_one_more_than_may_lie)
{
    cr_expect_eq(of(QUORUM_BFT, 1).amplify, 1);
    cr_expect_eq(of(QUORUM_BFT, 3).amplify, 1);
    cr_expect_eq(of(QUORUM_BFT, 4).amplify, 2);
    cr_expect_eq(of(QUORUM_CRASH, 5).amplify, 1);
    cr_expect_eq(of(QUORUM_BFT, 100).amplify, 34);
}
