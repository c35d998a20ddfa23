#include "node/net/dialer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_LEAST_MS 1000
#define WAIT_MOST_MS  60000
#define STEADY_MS     60000 /* connected for so long: all is well */
#define NEVER         UINT64_MAX

enum wanted_state {
    WANTED_WAITING, /* until `due_ms` */
    WANTED_DIALLED,
    WANTED_CONNECTED,
};

struct wanted {
    struct node_id who;
    struct endpoint endpoints[DIALER_ENDPOINTS_MAX];
    unsigned endpoints_count, next; /* the one that is dialled next */
    bool has_moved;                 /* since the last dial: it has other endpoints */
    enum wanted_state state;
    uint64_t due_ms;       /* WANTED_WAITING */
    uint64_t connected_ms; /* since when */
    uint32_t wait_ms;      /* the last one; 0: none was needed */
};

struct dialer {
    struct wanted *wanted;
    size_t count, capacity;
    unsigned dialled;
    uint64_t random;
};

struct dialer *dialer_new(uint64_t seed)
{
    struct dialer *dialer = memory_new_zeroed(1, sizeof *dialer);
    dialer->random = seed | 1;
    return dialer;
}

void dialer_free(struct dialer *dialer)
{
    if (dialer == NULL)
        return;
    free(dialer->wanted);
    free(dialer);
}

/* NULL: not wanted. */
static struct wanted *find(const struct dialer *dialer, const struct node_id *who)
{
    for (size_t i = 0; i < dialer->count; i++)
        if (node_id_equal(&dialer->wanted[i].who, who))
            return &dialer->wanted[i];
    return NULL;
}

static void move(struct dialer *dialer, struct wanted *wanted, enum wanted_state state)
{
    dialer->dialled -= wanted->state == WANTED_DIALLED;
    dialer->dialled += state == WANTED_DIALLED;
    wanted->state = state;
}

/* Three quarters to five quarters of it. */
static uint64_t spread(struct dialer *dialer, uint32_t ms)
{
    dialer->random ^= dialer->random << 13;
    dialer->random ^= dialer->random >> 7;
    dialer->random ^= dialer->random << 17;
    return ms - ms / 4 + dialer->random % (ms / 2 + 1);
}

void dialer_want(struct dialer *dialer, const struct node_id *who, const struct endpoint *endpoints,
                 unsigned count, uint64_t now_ms)
{
    struct wanted *wanted = find(dialer, who);
    assert(count >= 1);
    assert(count <= DIALER_ENDPOINTS_MAX);
    if (wanted == NULL) {
        if (dialer->count == dialer->capacity) {
            dialer->capacity = 2 * dialer->capacity + 4;
            dialer->wanted =
                memory_resize(dialer->wanted, dialer->capacity * sizeof *dialer->wanted);
        }
        wanted = &dialer->wanted[dialer->count++];
        *wanted = (struct wanted){.who = *who, .due_ms = now_ms};
    }
    bool is_same = wanted->endpoints_count == count;
    for (unsigned i = 0; i < count && is_same; i++)
        is_same = wanted->endpoints[i].port == endpoints[i].port
                  && strcmp(wanted->endpoints[i].host, endpoints[i].host) == 0;
    if (is_same)
        return;
    memcpy(wanted->endpoints, endpoints, count * sizeof *endpoints);
    wanted->endpoints_count = count;
    wanted->has_moved = true;
    wanted->next = 0;
    wanted->wait_ms = 0;
    wanted->due_ms = now_ms;
}

void dialer_forget(struct dialer *dialer, const struct node_id *who)
{
    struct wanted *wanted = find(dialer, who);
    if (wanted == NULL)
        return;
    dialer->dialled -= wanted->state == WANTED_DIALLED;
    *wanted = dialer->wanted[--dialer->count];
}

bool dialer_wants(const struct dialer *dialer, const struct node_id *who)
{
    return find(dialer, who) != NULL;
}

bool dialer_take(struct dialer *dialer, uint64_t now_ms, struct dial *dial)
{
    struct wanted *first = NULL;
    for (size_t i = 0; i < dialer->count; i++) {
        struct wanted *wanted = &dialer->wanted[i];
        if (wanted->state == WANTED_WAITING && wanted->due_ms <= now_ms
            && (first == NULL || wanted->due_ms < first->due_ms))
            first = wanted;
    }
    if (first == NULL || dialer->dialled >= DIALER_AT_ONCE)
        return false;
    move(dialer, first, WANTED_DIALLED);
    first->has_moved = false;
    *dial = (struct dial){first->who, first->endpoints[first->next]};
    return true;
}

static void wait_longer(struct dialer *dialer, struct wanted *wanted, uint64_t now_ms)
{
    wanted->wait_ms = wanted->wait_ms == 0 ? WAIT_LEAST_MS : 2 * wanted->wait_ms;
    if (wanted->wait_ms > WAIT_MOST_MS)
        wanted->wait_ms = WAIT_MOST_MS;
    wanted->due_ms = now_ms + spread(dialer, wanted->wait_ms);
}

void dialer_on_failed(struct dialer *dialer, const struct node_id *who, uint64_t now_ms)
{
    struct wanted *wanted = find(dialer, who);
    if (wanted == NULL || wanted->state != WANTED_DIALLED)
        return;
    move(dialer, wanted, WANTED_WAITING);
    wanted->due_ms = now_ms;
    if (wanted->has_moved)
        return; /* where it was tried it is no more */
    wanted->next = (wanted->next + 1) % wanted->endpoints_count;
    if (wanted->next == 0) /* all of them failed */
        wait_longer(dialer, wanted, now_ms);
}

void dialer_on_connected(struct dialer *dialer, const struct node_id *who, uint64_t now_ms)
{
    struct wanted *wanted = find(dialer, who);
    if (wanted == NULL || wanted->state == WANTED_CONNECTED)
        return;
    move(dialer, wanted, WANTED_CONNECTED);
    wanted->connected_ms = now_ms;
}

/* The endpoint that led there is the first to be tried again; one that never stays waits longer
 * and longer. */
void dialer_on_lost(struct dialer *dialer, const struct node_id *who, uint64_t now_ms)
{
    struct wanted *wanted = find(dialer, who);
    if (wanted == NULL || wanted->state != WANTED_CONNECTED)
        return;
    if (now_ms - wanted->connected_ms >= STEADY_MS)
        wanted->wait_ms = 0;
    move(dialer, wanted, WANTED_WAITING);
    wait_longer(dialer, wanted, now_ms);
}

void dialer_on_hope(struct dialer *dialer, uint64_t now_ms)
{
    for (size_t i = 0; i < dialer->count; i++)
        if (dialer->wanted[i].state == WANTED_WAITING)
            dialer->wanted[i].due_ms = now_ms;
}

uint64_t dialer_next_ms(const struct dialer *dialer)
{
    uint64_t next = NEVER;
    for (size_t i = 0; i < dialer->count && dialer->dialled < DIALER_AT_ONCE; i++)
        if (dialer->wanted[i].state == WANTED_WAITING && dialer->wanted[i].due_ms < next)
            next = dialer->wanted[i].due_ms;
    return next;
}
