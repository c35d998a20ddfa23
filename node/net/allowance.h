/* What one node may cost this one, and what it gets for what is provably wrong: pure.
 *
 * Signatures are checked by workers, a few of a node's messages at a time, and so many a second: a
 * bucket that fills with time and holds a second's worth twice. Certificates, which have many, have a
 * bucket of their own besides. A message that finds its bucket empty waits; nobody is at fault for
 * sending much. Whoever sends what no honest node sends, a signature that is not good or bytes that
 * no encoder writes, is turned away for ten minutes, each further time within a day for twice as
 * long. Times are milliseconds of a clock that never jumps. Design: consensus 2.13. */
#ifndef NODE_NET_ALLOWANCE_H
#define NODE_NET_ALLOWANCE_H
#include <stdbool.h>
#include <stdint.h>

#define ALLOWANCE_CHECKS_MAX         4    /* of a node's messages at once */
#define ALLOWANCE_SIGNATURES_PER_S   4000 /* some 0.2 s of a core */
#define ALLOWANCE_CERTIFICATES_PER_S 50
#define BAN_FIRST_MS                 600000
#define BAN_DOUBLINGS_MAX            8 /* 42 hours */
#define BAN_MEMORY_MS                86400000

/* Empty is all zero: at first both buckets are full. */
struct allowance {
    unsigned checks;                               /* under way */
    uint64_t signatures_spent, certificates_spent; /* thousandths of one, which time gives back */
    uint64_t updated_ms;
    uint64_t banned_until_ms;
    unsigned bans; /* lately */
};

/* Whether a check of so many signatures may begin now; then it has, until allowance_end(). One that
 * costs more than a bucket holds begins when the bucket is full. */
bool allowance_begin(struct allowance *allowance, unsigned signatures, bool is_certificate,
                     uint64_t now_ms);
void allowance_end(struct allowance *allowance);

/* Returns until when it is turned away. */
uint64_t allowance_ban(struct allowance *allowance, uint64_t now_ms);
bool allowance_is_banned(const struct allowance *allowance, uint64_t now_ms);
#endif
