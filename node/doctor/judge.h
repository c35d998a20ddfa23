/* From what was measured to findings: pure. What is too little and too slow stands in judge.c. */
#ifndef NODE_DOCTOR_JUDGE_H
#define NODE_DOCTOR_JUDGE_H
#include "node/reach/address.h"
#include "node/doctor/report.h"

/* Of the file system that holds the data directory. */
struct disk_room {
    uint64_t free_bytes, size_bytes; /* free for who runs lnode */
    uint64_t names_free;             /* files that can still be made; UINT64_MAX: no such bound */
};
/* How long it took until a little that was written was there for good. */
struct disk_sync {
    uint64_t median_us, worst_us;
};
void judge_disk_room(struct report *report, const char *folder, const struct disk_room *facts);
void judge_disk_sync(struct report *report, const struct disk_sync *facts);

enum clock_care { CLOCK_CARE_UNKNOWN, CLOCK_KEPT, CLOCK_LEFT_ALONE };
/* `now_ms` since 1970. */
void judge_clock(struct report *report, uint64_t now_ms, enum clock_care care);
/* A ledger's last final block against the clock, as consensus does (R6). */
void judge_block_time(struct report *report, const char *label, uint64_t block_time_s,
                      uint64_t now_ms);

/* Descriptors that this process may come to have, and what the settings ask for. */
void judge_descriptors(struct report *report, uint64_t allowed, uint64_t wanted);
/* `limit_bytes`: of the control group or container; UINT64_MAX: none. `resident_bytes`: what the
 * running node holds; 0: none runs. */
void judge_memory(struct report *report, uint64_t available_bytes, uint64_t limit_bytes,
                  uint64_t resident_bytes);

/* The addresses of this machine's interfaces, loopback left out. */
struct network_facts {
    unsigned count[ADDRESS_KIND_COUNT];
    char example[ADDRESS_KIND_COUNT][ADDRESS_TEXT_SIZE]; /* the first of each kind */
};
void judge_network(struct report *report, const struct network_facts *facts);

/* The router in front of this machine, asked for its address outside by NAT-PMP. */
enum router_answer { ROUTER_SILENT, ROUTER_TOLD, ROUTER_SPEAKS_PCP, ROUTER_REFUSED };
struct router_facts {
    enum router_answer answer;
    uint8_t gateway[4]; /* its address inside */
    uint8_t outside[4]; /* ROUTER_TOLD */
};
void judge_router(struct report *report, const struct router_facts *facts);
#endif
