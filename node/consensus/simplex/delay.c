#include "node/consensus/simplex/state.h"

#define QUARTERS 4U /* delays are kept in quarters of a millisecond, which 16 bits hold to 16 s */

/* RFC 6298: a moving mean and mean deviation, of the one-way delay instead of the whole way. */
static void take_sample(struct measured_delay *delay, unsigned sample)
{
    if (delay->mean == 0) {
        delay->mean = (uint16_t)sample;
        delay->deviation = (uint16_t)(sample / 2);
        return;
    }
    const int away = (int)sample - delay->mean;
    const int deviation = delay->deviation + ((away < 0 ? -away : away) - delay->deviation) / 4;
    delay->deviation = (uint16_t)deviation;
    delay->mean = (uint16_t)(delay->mean + away / 8);
}

/* To the q-th nearest member, this one being the nearest; in quarters. */
static unsigned delay_to_quorum(const struct simplex *s)
{
    unsigned sorted[COMMITTEE_SIZE_MAX], count = 0;
    for (unsigned member = 0; member < s->config.thresholds.members; member++) {
        const struct measured_delay *delay = &s->delays[member];
        const unsigned estimate =
            delay->mean == 0 ? DELAY_UNKNOWN_MS * QUARTERS : delay->mean + 4U * delay->deviation;
        if (member == s->config.own_index)
            continue;
        unsigned at = count++;
        for (; at > 0 && sorted[at - 1] > estimate; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = estimate;
    }
    return sorted[s->config.thresholds.quorum - 2];
}

void simplex_on_delay(struct simplex *s, unsigned member, uint64_t rtt_ms)
{
    const uint64_t most = 2 * DELAY_MOST_MS;
    if (member >= s->config.thresholds.members || member == s->config.own_index
        || s->config.thresholds.quorum < 2)
        return;
    const unsigned sample = (unsigned)((rtt_ms < most ? rtt_ms : most) * QUARTERS / 2);
    take_sample(&s->delays[member], sample > 0 ? sample : 1);
    const uint64_t delay = delay_to_quorum(s) / QUARTERS;
    s->delay_ms = delay < DELAY_LEAST_MS ? DELAY_LEAST_MS : delay;
    if (s->delay_ms > DELAY_MOST_MS)
        s->delay_ms = DELAY_MOST_MS;
}

uint64_t simplex_delay_ms(const struct simplex *s)
{
    return s->delay_ms;
}
