#include "node/net/nearby.h"

#include <assert.h>
#include <string.h>

#include "vm/base/cursor.h"

enum nearby_kind { NEARBY_ASK, NEARBY_TELL };

static const uint64_t ask_waits_ms[] = {0, 2000, 8000}; /* after the one before */
#define ASKS (sizeof ask_waits_ms / sizeof ask_waits_ms[0])

void nearby_init(struct nearby *nearby, const struct nearby_config *config, uint64_t now_ms)
{
    *nearby = (struct nearby){
        .config = *config,
        .tell_ms = UINT64_MAX,
        .ask_ms = UINT64_MAX,
        .checks = NEARBY_CHECKS_MAX,
        .checks_ms = now_ms,
    };
}

static void tell_soon(struct nearby *nearby, uint64_t now_ms)
{
    if (nearby->record_size > 0 && nearby->tell_ms == UINT64_MAX)
        nearby->tell_ms = now_ms > nearby->quiet_ms ? now_ms : nearby->quiet_ms;
}

void nearby_set_record(struct nearby *nearby, struct bytes record, uint64_t now_ms)
{
    assert(record.size <= sizeof nearby->record);
    if (record.size > 0)
        memcpy(nearby->record, record.data, record.size);
    nearby->record_size = record.size;
    if (record.size == 0)
        nearby->tell_ms = UINT64_MAX;
    tell_soon(nearby, now_ms);
}

void nearby_look(struct nearby *nearby, uint64_t now_ms)
{
    if (nearby->look_ms != 0 && now_ms < nearby->look_ms + NEARBY_LOOK_PAUSE_MS)
        return;
    nearby->look_ms = now_ms;
    nearby->asks_left = ASKS;
    nearby->ask_ms = now_ms;
}

/* ---- Hearing ------------------------------------------------------------------------------- */

/* Signatures cost time, and anybody near can send them. */
static bool may_check(struct nearby *nearby, uint64_t now_ms)
{
    const uint64_t earned = (now_ms - nearby->checks_ms) / NEARBY_CHECK_MS;

    if (earned > 0) {
        nearby->checks_ms += earned * NEARBY_CHECK_MS;
        nearby->checks = earned >= NEARBY_CHECKS_MAX - nearby->checks
                             ? NEARBY_CHECKS_MAX
                             : nearby->checks + (unsigned)earned;
    }
    if (nearby->checks == 0)
        return false;
    nearby->checks--;
    return true;
}

/* Whose record it says to be, before anything is checked: record.h's first fields. */
static struct node_id claimed(struct bytes record)
{
    struct cursor in = cursor_over(record.data, record.size);
    struct node_id who;
    cursor_u8(&in);
    cursor_u64_be(&in);
    cursor_copy(&in, who.key, sizeof who.key);
    return who;
}

static bool on_tell(struct nearby *nearby, struct bytes record, uint64_t now_ms,
                    struct node_record *found)
{
    const struct node_id who = claimed(record);
    return !node_id_equal(&who, &nearby->config.us)
           && nearby->config.is_wanted(nearby->config.arg, &who) && may_check(nearby, now_ms)
           && record_decode(found, record);
}

static void on_ask(struct nearby *nearby, struct bytes asker, uint64_t now_ms)
{
    if (asker.size == NEARBY_ASKER_SIZE
        && memcmp(asker.data, nearby->config.asker, NEARBY_ASKER_SIZE) != 0)
        tell_soon(nearby, now_ms);
}

bool nearby_on_datagram(struct nearby *nearby, struct bytes datagram, uint64_t now_ms,
                        struct node_record *found)
{
    struct cursor in = cursor_over(datagram.data, datagram.size);
    const uint8_t version = cursor_u8(&in), kind = cursor_u8(&in);
    const uint32_t network = cursor_u32_be(&in);
    const struct bytes rest = bytes_of(in.next, in.left);

    if (in.failed || datagram.size > NEARBY_SIZE_MAX || version != NEARBY_VERSION
        || network != nearby->config.network)
        return false;
    if (kind == NEARBY_ASK)
        on_ask(nearby, rest, now_ms);
    return kind == NEARBY_TELL && on_tell(nearby, rest, now_ms, found);
}

/* ---- Saying -------------------------------------------------------------------------------- */

uint64_t nearby_next_ms(const struct nearby *nearby)
{
    return nearby->ask_ms < nearby->tell_ms ? nearby->ask_ms : nearby->tell_ms;
}

static size_t put(const struct nearby *nearby, enum nearby_kind kind, const uint8_t *rest,
                  size_t size, uint8_t out[NEARBY_SIZE_MAX])
{
    const uint32_t network = nearby->config.network;
    const uint8_t head[] = {NEARBY_VERSION,           (uint8_t)kind,
                            (uint8_t)(network >> 24), (uint8_t)(network >> 16),
                            (uint8_t)(network >> 8),  (uint8_t)network};
    memcpy(out, head, sizeof head);
    memcpy(out + sizeof head, rest, size);
    return sizeof head + size;
}

size_t nearby_on_time(struct nearby *nearby, uint64_t now_ms, uint8_t out[NEARBY_SIZE_MAX])
{
    if (now_ms >= nearby->ask_ms) {
        nearby->asks_left--;
        nearby->ask_ms =
            nearby->asks_left == 0 ? UINT64_MAX : now_ms + ask_waits_ms[ASKS - nearby->asks_left];
        return put(nearby, NEARBY_ASK, nearby->config.asker, NEARBY_ASKER_SIZE, out);
    }
    if (now_ms >= nearby->tell_ms) {
        nearby->tell_ms = UINT64_MAX;
        nearby->quiet_ms = now_ms + NEARBY_TELL_PAUSE_MS;
        return put(nearby, NEARBY_TELL, nearby->record, nearby->record_size, out);
    }
    return 0;
}
