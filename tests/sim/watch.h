/* A run to look at: a frame shows where each member stands, what it said in the last views and what
 * is final; a ticker tells what happened last. */
#ifndef TESTS_SIM_WATCH_H
#define TESTS_SIM_WATCH_H
#include "tests/sim/world.h"

struct watch_view {
    bool is_plain;           /* text frames, no colours, no waiting */
    uint64_t from_ms, to_ms; /* of virtual time */
    uint64_t every_ms;       /* from frame to frame; 0: at the moments worth seeing, or 500 */
    double speed;            /* virtual seconds a second */
};

struct watch *watch_new(const struct watch_view *view, const char *title);
void watch_free(struct watch *watch);
/* A frame of now, whatever is due. */
void watch_draw(struct watch *watch, struct sim *sim);

/* scenario.c: of a seed, or of the scenario `partition`, which judges itself. Returns the exit
 * code. */
int watch_run(const char *what, const struct watch_view *view);
#endif
