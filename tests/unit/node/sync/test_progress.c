/* How far a ledger is behind, and how long it will take. */
#include "node/sync/progress.h"

#include <criterion/criterion.h>

Test(sync_progress, counts_the_blocks_of_the_last_seconds)
{
    struct sync_progress progress = {0};
    uint64_t now_ms = 5000, height = 100;
    sync_progress_on(&progress, true, height, 100000, now_ms);
    cr_expect_eq(sync_progress_rate(&progress), 0, "nobody knows yet");
    for (unsigned second = 0; second < 60; second++) { /* 40 a second */
        now_ms += 1000;
        height += 40;
        sync_progress_on(&progress, true, height, 100000, now_ms);
        cr_expect_eq(sync_progress_rate(&progress), 40000);
    }
    for (unsigned second = 0; second < 20; second++) { /* and no more */
        now_ms += 1000;
        sync_progress_on(&progress, true, height, 100000, now_ms);
    }
    cr_expect_eq(sync_progress_rate(&progress), 0);
}

Test(sync_progress, begins_anew_each_time)
{
    struct sync_progress progress = {0};
    sync_progress_on(&progress, true, 0, 10, 1000);
    sync_progress_on(&progress, true, 10, 10, 3000);
    cr_expect_eq(sync_progress_rate(&progress), 5000);
    sync_progress_on(&progress, false, 10, 10, 4000);
    cr_expect_eq(sync_progress_rate(&progress), 0);
    sync_progress_on(&progress, true, 500, 1000, 900000);
    sync_progress_on(&progress, true, 502, 1000, 902000);
    cr_expect_eq(sync_progress_rate(&progress), 1000);
    sync_progress_on(&progress, true, 502, 400, 902000);
    cr_expect_eq(progress.target, 502, "it is never ahead of what there is");
}

Test(sync_progress, says_how_long_it_takes)
{
    cr_expect_eq(sync_progress_left_s(100, 100, 0), 0);
    cr_expect_eq(sync_progress_left_s(101, 100, 5), 0);
    cr_expect_eq(sync_progress_left_s(0, 100, 0), UINT64_MAX);
    cr_expect_eq(sync_progress_left_s(0, 100, 50000), 2);
    cr_expect_eq(sync_progress_left_s(0, 101, 50000), 3, "rounded up");
    cr_expect_eq(sync_progress_left_s(0, UINT64_MAX, 1), UINT64_MAX);
}

Test(sync_progress, is_shown_as_a_bar)
{
    static const struct {
        uint64_t height, target, rate;
        const char *text;
    } cases[] = {
        {1200, 4400, 85000,
         "[#####---------------]  27 %  block 1200 of 4400, 85 a second, about 38 s left"},
        {0, 4400, 0, "[--------------------]   0 %  block 0 of 4400"},
        {4399, 4400, 400,
         "[###################-]  99 %  block 4399 of 4400, 0.4 a second, about 3 s left"},
        {50, 100000, 9900,
         "[--------------------]   0 %  block 50 of 100000, 9.9 a second, about 3 h left"},
        {50, 100000, 15000,
         "[--------------------]   0 %  block 50 of 100000, 15 a second, about 112 min left"},
        {0, 1000000, 10000,
         "[--------------------]   0 %  block 0 of 1000000, 10 a second, about 28 h left"},
        {7, 7, 0, "[####################] 100 %  block 7 of 7"},
    };
    char text[SYNC_PROGRESS_TEXT_SIZE];
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        sync_progress_format(cases[i].height, cases[i].target, cases[i].rate, text);
        cr_expect_str_eq(text, cases[i].text);
    }
    sync_progress_format(UINT64_MAX - 1, UINT64_MAX, UINT64_MAX, text);
    cr_expect(strlen(text) < SYNC_PROGRESS_TEXT_SIZE);
}
