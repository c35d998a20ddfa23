/* R6: block times against the wall clock of this machine, which may be wrong or not set at all. A
 * block whose time is too far ahead is put off until it fits, and is never invalid for that. A clock
 * that was not set since the machine started holds nothing up, and its owner never leads. Times are
 * milliseconds since 1970. Design: consensus 2.6. */
#ifndef NODE_REPLICA_BLOCK_TIME_H
#define NODE_REPLICA_BLOCK_TIME_H
#include <stdbool.h>
#include <stdint.h>

#define BLOCK_TIME_AHEAD_MS 10000
/* 2026-01-01: no clock that was set showed less since this was written. */
#define WALL_CLOCK_SET_MS 1767225600000

bool wall_clock_is_set(uint64_t wall_ms);
/* Whether a block of that time may be voted for now. */
bool block_time_fits(uint64_t block_ms, uint64_t wall_ms);
#endif
