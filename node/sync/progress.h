/* How quickly a ledger catches up, as measured, and what is left: pure. Times are milliseconds of a
 * clock that never jumps. */
#ifndef NODE_SYNC_PROGRESS_H
#define NODE_SYNC_PROGRESS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYNC_PROGRESS_WINDOW_MS 10000 /* it counts what came in the last one or two */
#define SYNC_PROGRESS_TEXT_SIZE 160

/* Empty is all zero. */
struct sync_progress {
    bool is_running;
    uint64_t height, target;
    uint64_t since_ms[2], since_height[2]; /* where the windows began */
    uint64_t now_ms;
};

/* It stands at `height`, and others say that they have `target`. */
void sync_progress_on(struct sync_progress *progress, bool is_running, uint64_t height,
                      uint64_t target, uint64_t now_ms);
/* Blocks in 1,000 seconds; 0: not known yet, or none come. */
uint64_t sync_progress_rate(const struct sync_progress *progress);

/* Rounded up; UINT64_MAX: nobody knows. */
uint64_t sync_progress_left_s(uint64_t height, uint64_t target, uint64_t rate);
/* [#####---------------]  27 %  block 1200 of 4400, 85 a second, about 38 s left */
void sync_progress_format(uint64_t height, uint64_t target, uint64_t rate,
                          char out[SYNC_PROGRESS_TEXT_SIZE]);
#endif
