/* What leaves in the order in which it was begun, however long each takes to get ready: pure. */
#ifndef NODE_DEPARTURES_H
#define NODE_DEPARTURES_H
#include <stdbool.h>

/* In the caller's storage until it was taken. */
struct departure {
    struct departure *next;
    void *what;
    bool is_ready; /* set by the caller */
};

/* Empty is all zero. */
struct departures {
    struct departure *first, *last;
};

void departures_begin(struct departures *departures, struct departure *departure, void *what);
/* What began first, once it is ready; NULL: there is nothing, or it is not. Called until then. */
void *departures_take(struct departures *departures);
#endif
