#include "tests/unit/node/sync/bunch.h"

#include <criterion/criterion.h>

struct bunch bunch;

void bunch_start(const struct bunch_machine *machine, uint64_t seed)
{
    bunch = (struct bunch){.machine = machine, .now_ms = BUNCH_START_MS, .seed = seed};
    bunch.random = 88172645463325252ULL ^ seed * 0x9e3779b97f4a7c15ULL;
}

/* Xorshift. */
uint64_t bunch_draw(void)
{
    bunch.random ^= bunch.random << 13;
    bunch.random ^= bunch.random >> 7;
    bunch.random ^= bunch.random << 17;
    return bunch.random;
}

void bunch_connect(unsigned peer, unsigned habit)
{
    bunch.is_up[peer] = true;
    bunch.habits[peer] = habit;
    bunch.machine->on_peer(peer);
}

void bunch_disconnect(unsigned peer)
{
    bunch.is_up[peer] = false;
    for (size_t i = bunch.open_count; i > 0; i--)
        if (bunch.open[i - 1].peer == peer)
            bunch.open[i - 1] = bunch.open[--bunch.open_count];
    bunch.machine->on_gone(peer);
}

void bunch_gather(unsigned habits)
{
    const unsigned honest = (unsigned)(bunch_draw() % BUNCH_PEERS);
    bunch.stays[honest] = true;
    for (unsigned i = 0; i < BUNCH_PEERS; i++)
        if (i == honest || bunch_draw() % 3 > 0)
            bunch_connect(i, i == honest ? BUNCH_HONEST : (unsigned)(bunch_draw() % habits));
}

void bunch_come_or_go(unsigned percent, unsigned habits)
{
    const unsigned peer = (unsigned)(bunch_draw() % BUNCH_PEERS);
    if (bunch.stays[peer] || bunch_draw() % 100 >= percent)
        return;
    if (bunch.is_up[peer])
        bunch_disconnect(peer);
    else
        bunch_connect(peer, habits > 0 ? (unsigned)(bunch_draw() % habits) : bunch.habits[peer]);
    bunch_work();
}

void bunch_ask(struct bunch_request request)
{
    cr_assert(bunch.is_up[request.peer], "seed %lu", bunch.seed);
    bunch.asked[request.peer]++;
    request.at_ms = bunch.now_ms + 10 + bunch_draw() % 90;
    if (bunch.open_count < BUNCH_OPEN_MAX)
        bunch.open[bunch.open_count++] = request;
}

void bunch_blame(unsigned peer)
{
    bunch.faults++;
    bunch.honest_faults += bunch.habits[peer] == BUNCH_HONEST;
}

void bunch_work(void)
{
    bunch.machine->work();
    cr_assert_gt(bunch.machine->next_ms(), bunch.now_ms, "seed %lu spins", bunch.seed);
}

bool bunch_step(void)
{
    uint64_t next = bunch.machine->next_ms();
    size_t due = bunch.open_count;
    for (size_t i = 0; i < bunch.open_count; i++)
        if (bunch.open[i].at_ms < next) {
            next = bunch.open[i].at_ms;
            due = i;
        }
    if (next == UINT64_MAX)
        return false;
    bunch.now_ms = next > bunch.now_ms ? next : bunch.now_ms;
    if (due < bunch.open_count) {
        const struct bunch_request request = bunch.open[due];
        bunch.open[due] = bunch.open[--bunch.open_count];
        bunch.machine->answer(&request);
    }
    bunch_work();
    return true;
}

void bunch_run(uint64_t most_ms)
{
    const uint64_t end = bunch.now_ms + most_ms;
    bunch_work();
    while (bunch.now_ms < end && !bunch.machine->is_over() && bunch_step())
        continue;
}

void bunch_pass(uint64_t ms)
{
    const uint64_t end = bunch.now_ms + ms;
    bunch_work();
    while (bunch.now_ms < end && bunch_step())
        continue;
}
