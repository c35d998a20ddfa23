#include "node/replica/block_time.h"

bool wall_clock_is_set(uint64_t wall_ms)
{
    return wall_ms >= WALL_CLOCK_SET_MS;
}

bool block_time_fits(uint64_t block_ms, uint64_t wall_ms)
{
    if (!wall_clock_is_set(wall_ms) || block_ms <= wall_ms)
        return true;
    return block_ms - wall_ms <= BLOCK_TIME_AHEAD_MS;
}
