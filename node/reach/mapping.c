#include "node/reach/mapping.h"

#include <stdio.h>

#include "vm/base/cursor.h"

#define MAPPING_VERSION 1

bool mapping_equal(const struct mapping *a, const struct mapping *b)
{
    return a->state == b->state && a->method == b->method && a->reason == b->reason
           && memcmp(a->address, b->address, sizeof a->address) == 0 && a->port == b->port;
}

void mapping_encode(const struct mapping *mapping, uint8_t out[MAPPING_BYTES])
{
    const uint8_t bytes[MAPPING_BYTES] = {
        MAPPING_VERSION,
        (uint8_t)mapping->state,
        (uint8_t)mapping->method,
        (uint8_t)mapping->reason,
        mapping->address[0],
        mapping->address[1],
        mapping->address[2],
        mapping->address[3],
        (uint8_t)(mapping->port >> 8),
        (uint8_t)mapping->port,
        (uint8_t)(mapping->lifetime_s >> 24),
        (uint8_t)(mapping->lifetime_s >> 16),
        (uint8_t)(mapping->lifetime_s >> 8),
        (uint8_t)mapping->lifetime_s,
    };
    memcpy(out, bytes, sizeof bytes);
}

static bool is_nowhere(const struct mapping *mapping)
{
    static const uint8_t none[4];
    return memcmp(mapping->address, none, sizeof none) == 0 && mapping->port == 0
           && mapping->lifetime_s == 0 && mapping->method == MAPPING_BY_NOTHING;
}

static bool is_consistent(const struct mapping *mapping)
{
    static const uint8_t none[4];
    switch (mapping->state) {
    case MAPPING_SEARCHING: return mapping->reason == MAPPING_WELL && is_nowhere(mapping);
    case MAPPING_GRANTED:
        return mapping->reason == MAPPING_WELL && mapping->method != MAPPING_BY_NOTHING
               && mapping->port != 0 && memcmp(mapping->address, none, sizeof none) != 0;
    case MAPPING_NONE: return mapping->reason != MAPPING_WELL && is_nowhere(mapping);
    case MAPPING_STATE_COUNT: break;
    }
    return false;
}

bool mapping_decode(struct mapping *mapping, struct bytes message)
{
    struct cursor in = cursor_over(message.data, message.size);
    uint8_t version = cursor_u8(&in), state = cursor_u8(&in), method = cursor_u8(&in),
            reason = cursor_u8(&in);

    *mapping = (struct mapping){0};
    cursor_copy(&in, mapping->address, sizeof mapping->address);
    mapping->port = cursor_u16_be(&in);
    mapping->lifetime_s = cursor_u32_be(&in);
    if (!cursor_finished(&in) || version != MAPPING_VERSION || state >= MAPPING_STATE_COUNT
        || method >= MAPPING_METHOD_COUNT || reason >= MAPPING_REASON_COUNT)
        return false;
    mapping->state = (enum mapping_state)state;
    mapping->method = (enum mapping_method)method;
    mapping->reason = (enum mapping_reason)reason;
    return is_consistent(mapping);
}

void mapping_describe(const struct mapping *mapping, char *out, size_t size)
{
    static const char *const methods[] = {"nothing", "PCP", "NAT-PMP"};
    static const char *const reasons[] = {
        "all is well",
        "this machine has no router to ask for a port",
        "the router does not answer requests for a port; switch on NAT-PMP or PCP in its settings, "
        "or let it forward the port",
        "the router does not allow that programs open ports; allow it in its settings, or let it "
        "forward the port",
        "the router has no address outside",
        "the router has no room for another port",
        "the router refused to open the port",
    };
    switch (mapping->state) {
    case MAPPING_SEARCHING: snprintf(out, size, "asking the router for a port"); return;
    case MAPPING_GRANTED:
        snprintf(out, size, "port %u at %u.%u.%u.%u by %s", mapping->port, mapping->address[0],
                 mapping->address[1], mapping->address[2], mapping->address[3],
                 methods[mapping->method]);
        return;
    case MAPPING_NONE:
    case MAPPING_STATE_COUNT: snprintf(out, size, "%s", reasons[mapping->reason]); return;
    }
}
