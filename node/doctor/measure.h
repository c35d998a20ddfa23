/* What the doctor measures of the machine. Reads, and one small file that has no name; changes
 * nothing else. What the system does not tell is said to be fine or unknown. */
#ifndef NODE_DOCTOR_MEASURE_H
#define NODE_DOCTOR_MEASURE_H
#include "node/doctor/judge.h"

bool measure_disk_room(struct disk_room *facts, const char *folder, struct error *error)
    __attribute__((warn_unused_result));
/* Writes and syncs a little in `folder`, for at most some two seconds. */
bool measure_disk_sync(struct disk_sync *facts, const char *folder, struct error *error)
    __attribute__((warn_unused_result));
/* Whether the system says that its clock is kept by NTP or the like. */
enum clock_care measure_clock_care(void);
/* Of the process `pid` (0: this one), the most that it may ask for; UINT64_MAX: no bound. */
uint64_t measure_descriptors(int pid);
uint64_t measure_memory_available(void);
uint64_t measure_memory_limit(void); /* UINT64_MAX: none */
uint64_t measure_resident(int pid);  /* 0: not told */
void measure_network(struct network_facts *facts);
/* False: this machine has no IPv4 router. */
bool measure_gateway(uint8_t gateway[4]) __attribute__((warn_unused_result));
/* Asks it for its address outside, for at most two seconds; nothing is opened. `port` is that of
 * NAT-PMP. */
void measure_router(struct router_facts *facts, const uint8_t gateway[4], uint16_t port);

enum port_state { PORT_FREE, PORT_TAKEN, PORT_DENIED, PORT_NO_ADDRESS, PORT_UNKNOWN };
/* Could lnode listen there now? `bind` is a numeric address. */
enum port_state measure_port(const char *bind, uint16_t port);
#endif
