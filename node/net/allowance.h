/* What one node may cost this one, and what it gets for what is provably wrong: pure.
 *
 * Signatures are checked by workers, a few of a node's messages at a time, and so many a second: a
 * bucket that fills with time and holds a second's worth twice. Certificates, which have many, have a
 * bucket of their own besides. A message that finds its bucket empty waits; nobody is at fault for
 * sending much. Whoever sends what no honest node sends, a signature that is not good or bytes that
 * no encoder writes, is turned away for ten minutes, each further time within a day for twice as
 * long. A guest, who has no seat in a committee with this node, may cost a part of what a member may,
 * and gets so many bytes a second. Times are milliseconds of a clock that never jumps. Design:
 * consensus 2.13. */
#ifndef NODE_NET_ALLOWANCE_H
#define NODE_NET_ALLOWANCE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALLOWANCE_CHECKS_MAX         4    /* of a node's messages at once */
#define ALLOWANCE_SIGNATURES_PER_S   4000 /* some 0.2 s of a core */
#define ALLOWANCE_CERTIFICATES_PER_S 50
#define ALLOWANCE_GUEST_CHECKS_MAX   1
#define ALLOWANCE_GUEST_PART         8       /* of a member's signatures and certificates */
#define ALLOWANCE_GUEST_BYTES_PER_S  1048576 /* to a guest; four seconds' worth at once */
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
    bool is_guest;
    uint64_t bytes_spent; /* thousandths, on a guest */
};

/* Whether a check of so many signatures may begin now; then it has, until allowance_end(). One that
 * costs more than a bucket holds begins when the bucket is full. */
bool allowance_begin(struct allowance *allowance, unsigned signatures, bool is_certificate,
                     uint64_t now_ms);
void allowance_end(struct allowance *allowance);

/* Whether it may be sent more that it asked for; a member always. */
bool allowance_may_get(struct allowance *allowance, uint64_t now_ms);
/* So much is sent to it. */
void allowance_spend_bytes(struct allowance *allowance, size_t size);

/* Returns until when it is turned away. */
uint64_t allowance_ban(struct allowance *allowance, uint64_t now_ms);
bool allowance_is_banned(const struct allowance *allowance, uint64_t now_ms);
#endif
