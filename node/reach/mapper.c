#include "node/reach/mapper.h"

#include "node/reach/natpmp.h"
#include "vm/base/cursor.h"

#define PCP_PATIENCE_MS    3000 /* RFC 6887, 8.1.1; doubled each time */
#define PCP_TRIES          2
#define NATPMP_PATIENCE_MS 250 /* RFC 6886, 3.1; doubled each time */
#define NATPMP_TRIES       6
#define REMOVE_PATIENCE_MS 250
#define REMOVE_TRIES       2
#define RETRY_MS           60000 /* while the lease still runs */
#define RENEW_LEAST_MS     1000
#define LEASE_MOST_S       86400 /* RFC 6887, 11.2.1: more than a day is not believed */

/* ---- Asking -------------------------------------------------------------------------------- */

static void ask_pcp(const struct mapper *mapper, uint32_t lifetime_s, struct mapper_step *step)
{
    struct pcp_map wish = mapper->wish;
    wish.lifetime_s = lifetime_s;
    wish.external_port = lifetime_s == 0                            ? 0
                         : mapper->mapping.state == MAPPING_GRANTED ? mapper->mapping.port
                                                                    : wish.internal_port;
    pcp_ask_map(step->datagram, &wish);
    step->size = PCP_MAP_BYTES;
}

static void ask_natpmp(const struct mapper *mapper, uint32_t lifetime_s, struct mapper_step *step)
{
    uint16_t port = lifetime_s == 0                            ? 0
                    : mapper->mapping.state == MAPPING_GRANTED ? mapper->mapping.port
                                                               : mapper->wish.internal_port;
    natpmp_ask_map(step->datagram, mapper->wish.internal_port, port, lifetime_s);
    step->size = NATPMP_MAP_BYTES;
}

static void ask(struct mapper *mapper, uint64_t now_ms, struct mapper_step *step)
{
    uint64_t patience_ms = NATPMP_PATIENCE_MS;

    switch (mapper->state) {
    case MAPPER_PCP:
        patience_ms = PCP_PATIENCE_MS;
        ask_pcp(mapper, MAPPER_LEASE_S, step);
        break;
    case MAPPER_NATPMP_ADDRESS:
        natpmp_ask_address(step->datagram);
        step->size = NATPMP_ADDRESS_BYTES;
        break;
    case MAPPER_NATPMP_MAP: ask_natpmp(mapper, MAPPER_LEASE_S, step); break;
    case MAPPER_REMOVING:
        patience_ms = REMOVE_PATIENCE_MS;
        if (mapper->mapping.method == MAPPING_BY_PCP)
            ask_pcp(mapper, 0, step);
        else
            ask_natpmp(mapper, 0, step);
        break;
    case MAPPER_HOLDING:
    case MAPPER_RESTING:
    case MAPPER_GONE: return;
    }
    mapper->next_ms = now_ms + (patience_ms << mapper->tries);
}

static void ask_first(struct mapper *mapper, enum mapper_state state, uint64_t now_ms,
                      struct mapper_step *step)
{
    mapper->state = state;
    mapper->tries = 0;
    ask(mapper, now_ms, step);
}

/* ---- What came of it ----------------------------------------------------------------------- */

static void set_mapping(struct mapper *mapper, const struct mapping *mapping,
                        struct mapper_step *step)
{
    step->has_changed |= !mapping_equal(&mapper->mapping, mapping);
    mapper->mapping = *mapping;
}

static void grant(struct mapper *mapper, const struct mapping *mapping, uint64_t now_ms,
                  struct mapper_step *step)
{
    const uint64_t lifetime_s =
        mapping->lifetime_s < LEASE_MOST_S ? mapping->lifetime_s : LEASE_MOST_S;
    uint64_t wait_ms = lifetime_s * 500;

    set_mapping(mapper, mapping, step);
    if (wait_ms > MAPPER_RENEW_MS)
        wait_ms = MAPPER_RENEW_MS;
    mapper->state = MAPPER_HOLDING;
    mapper->lease_ms = now_ms + lifetime_s * 1000;
    mapper->next_ms = now_ms + (wait_ms < RENEW_LEAST_MS ? RENEW_LEAST_MS : wait_ms);
}

/* No protocol is left to be tried. */
static void give_up(struct mapper *mapper, uint64_t now_ms, struct mapper_step *step)
{
    const struct mapping none = {.state = MAPPING_NONE, .reason = mapper->worst};

    if (mapper->mapping.state == MAPPING_GRANTED && now_ms < mapper->lease_ms) {
        mapper->state = MAPPER_HOLDING;
        mapper->next_ms =
            now_ms + RETRY_MS < mapper->lease_ms ? now_ms + RETRY_MS : mapper->lease_ms;
        return;
    }
    set_mapping(mapper, &none, step);
    mapper->state = MAPPER_RESTING;
    mapper->next_ms = now_ms + MAPPER_REST_MS;
}

static void try_next(struct mapper *mapper, enum mapping_reason reason, uint64_t now_ms,
                     struct mapper_step *step)
{
    if (reason != MAPPING_NO_ANSWER)
        mapper->worst = reason;
    if (mapper->state == MAPPER_PCP)
        ask_first(mapper, MAPPER_NATPMP_ADDRESS, now_ms, step);
    else
        give_up(mapper, now_ms, step);
}

/* ---- Replies ------------------------------------------------------------------------------- */

static enum mapping_reason reason_of_pcp(uint8_t result)
{
    switch (result) {
    case PCP_NOT_ALLOWED: return MAPPING_NOT_ALLOWED;
    case PCP_NO_NETWORK: return MAPPING_NO_NETWORK;
    case PCP_NO_ROOM:
    case PCP_QUOTA: return MAPPING_NO_ROOM;
    default: return MAPPING_REFUSED;
    }
}

static enum mapping_reason reason_of_natpmp(uint16_t result)
{
    switch (result) {
    case NATPMP_NOT_ALLOWED: return MAPPING_NOT_ALLOWED;
    case NATPMP_NO_NETWORK: return MAPPING_NO_NETWORK;
    case NATPMP_NO_ROOM: return MAPPING_NO_ROOM;
    default: return MAPPING_REFUSED;
    }
}

static bool is_somewhere(const uint8_t place[4])
{
    static const uint8_t none[4];
    return memcmp(place, none, sizeof none) != 0;
}

/* RFC 6886, 3.5 and RFC 6887, 9: a router of another version says so in its own. */
static bool is_other_version(struct bytes datagram)
{
    struct cursor in = cursor_over(datagram.data, datagram.size);
    uint8_t version = cursor_u8(&in), opcode = cursor_u8(&in);
    return !in.failed && version != 2 && (opcode & 0x80) != 0;
}

static void on_pcp(struct mapper *mapper, struct bytes datagram, uint64_t now_ms,
                   struct mapper_step *step)
{
    struct pcp_reply reply;

    if (is_other_version(datagram)) {
        try_next(mapper, MAPPING_NO_ANSWER, now_ms, step);
        return;
    }
    if (!pcp_decode(&reply, datagram)
        || memcmp(reply.nonce, mapper->wish.nonce, sizeof reply.nonce) != 0
        || reply.internal_port != mapper->wish.internal_port)
        return;
    struct mapping mapping = {.state = MAPPING_GRANTED,
                              .method = MAPPING_BY_PCP,
                              .port = reply.external_port,
                              .lifetime_s = reply.lifetime_s};
    memcpy(mapping.address, reply.external, sizeof mapping.address);
    if (reply.result == PCP_BAD_VERSION)
        try_next(mapper, MAPPING_NO_ANSWER, now_ms, step);
    else if (reply.result != PCP_GRANTED)
        try_next(mapper, reason_of_pcp(reply.result), now_ms, step);
    else if (!is_somewhere(mapping.address) || mapping.port == 0 || mapping.lifetime_s == 0)
        try_next(mapper, MAPPING_REFUSED, now_ms, step);
    else
        grant(mapper, &mapping, now_ms, step);
}

static void on_natpmp_address(struct mapper *mapper, const struct natpmp_reply *reply,
                              uint64_t now_ms, struct mapper_step *step)
{
    if (reply->kind != NATPMP_ADDRESS)
        return;
    if (reply->result != NATPMP_GRANTED) {
        try_next(mapper, reason_of_natpmp(reply->result), now_ms, step);
    } else if (!is_somewhere(reply->address)) {
        try_next(mapper, MAPPING_NO_NETWORK, now_ms, step);
    } else {
        memcpy(mapper->natpmp_address, reply->address, sizeof mapper->natpmp_address);
        ask_first(mapper, MAPPER_NATPMP_MAP, now_ms, step);
    }
}

static void on_natpmp_map(struct mapper *mapper, const struct natpmp_reply *reply, uint64_t now_ms,
                          struct mapper_step *step)
{
    if (reply->kind != NATPMP_MAP_TCP)
        return;
    if (reply->result != NATPMP_GRANTED) {
        try_next(mapper, reason_of_natpmp(reply->result), now_ms, step);
        return;
    }
    if (reply->internal_port != mapper->wish.internal_port)
        return;
    struct mapping mapping = {.state = MAPPING_GRANTED,
                              .method = MAPPING_BY_NATPMP,
                              .port = reply->external_port,
                              .lifetime_s = reply->lifetime_s};
    memcpy(mapping.address, mapper->natpmp_address, sizeof mapping.address);
    if (mapping.port == 0 || mapping.lifetime_s == 0)
        try_next(mapper, MAPPING_REFUSED, now_ms, step);
    else
        grant(mapper, &mapping, now_ms, step);
}

static void on_removed(struct mapper *mapper, struct bytes datagram)
{
    struct pcp_reply pcp;
    struct natpmp_reply natpmp;

    if (mapper->mapping.method == MAPPING_BY_PCP
            ? pcp_decode(&pcp, datagram)
                  && memcmp(pcp.nonce, mapper->wish.nonce, sizeof pcp.nonce) == 0
                  && (pcp.result != PCP_GRANTED || pcp.lifetime_s == 0)
            : natpmp_decode(&natpmp, datagram) && natpmp.kind == NATPMP_MAP_TCP
                  && (natpmp.result != NATPMP_GRANTED || natpmp.lifetime_s == 0))
        mapper->state = MAPPER_GONE;
}

/* ---- Events -------------------------------------------------------------------------------- */

void mapper_start(struct mapper *mapper, uint16_t port, const uint8_t client[4],
                  const uint8_t nonce[PCP_NONCE_BYTES], uint64_t now_ms, struct mapper_step *step)
{
    *step = (struct mapper_step){0};
    *mapper = (struct mapper){.worst = MAPPING_NO_ANSWER, .wish.internal_port = port};
    memcpy(mapper->wish.client, client, sizeof mapper->wish.client);
    memcpy(mapper->wish.nonce, nonce, sizeof mapper->wish.nonce);
    ask_first(mapper, MAPPER_PCP, now_ms, step);
}

void mapper_on_datagram(struct mapper *mapper, struct bytes datagram, uint64_t now_ms,
                        struct mapper_step *step)
{
    struct natpmp_reply reply;

    *step = (struct mapper_step){0};
    switch (mapper->state) {
    case MAPPER_PCP: on_pcp(mapper, datagram, now_ms, step); return;
    case MAPPER_NATPMP_ADDRESS:
        if (natpmp_decode(&reply, datagram))
            on_natpmp_address(mapper, &reply, now_ms, step);
        return;
    case MAPPER_NATPMP_MAP:
        if (natpmp_decode(&reply, datagram))
            on_natpmp_map(mapper, &reply, now_ms, step);
        return;
    case MAPPER_REMOVING: on_removed(mapper, datagram); return;
    case MAPPER_HOLDING:
    case MAPPER_RESTING:
    case MAPPER_GONE: return;
    }
}

void mapper_on_refusal(struct mapper *mapper, uint64_t now_ms, struct mapper_step *step)
{
    *step = (struct mapper_step){0};
    switch (mapper->state) {
    case MAPPER_PCP: /* the port is NAT-PMP's as well */
    case MAPPER_NATPMP_ADDRESS:
    case MAPPER_NATPMP_MAP: give_up(mapper, now_ms, step); return;
    case MAPPER_REMOVING: mapper->state = MAPPER_GONE; return;
    case MAPPER_HOLDING:
    case MAPPER_RESTING:
    case MAPPER_GONE: return;
    }
}

/* A mapping whose lease ran out is one no more, whatever is being tried. */
static void expire(struct mapper *mapper, uint64_t now_ms, struct mapper_step *step)
{
    const struct mapping searching = {.state = MAPPING_SEARCHING};
    if (mapper->state != MAPPER_REMOVING && mapper->mapping.state == MAPPING_GRANTED
        && now_ms >= mapper->lease_ms)
        set_mapping(mapper, &searching, step);
}

static void ask_again(struct mapper *mapper, unsigned tries_max, uint64_t now_ms,
                      struct mapper_step *step)
{
    if (++mapper->tries < tries_max)
        ask(mapper, now_ms, step);
    else if (mapper->state == MAPPER_REMOVING)
        mapper->state = MAPPER_GONE;
    else
        try_next(mapper, MAPPING_NO_ANSWER, now_ms, step);
}

void mapper_on_time(struct mapper *mapper, uint64_t now_ms, struct mapper_step *step)
{
    *step = (struct mapper_step){0};
    if (now_ms < mapper->next_ms)
        return;
    expire(mapper, now_ms, step);
    switch (mapper->state) {
    case MAPPER_PCP: ask_again(mapper, PCP_TRIES, now_ms, step); return;
    case MAPPER_NATPMP_ADDRESS:
    case MAPPER_NATPMP_MAP: ask_again(mapper, NATPMP_TRIES, now_ms, step); return;
    case MAPPER_HOLDING:
        mapper->worst = MAPPING_NO_ANSWER;
        ask_first(mapper,
                  mapper->mapping.method == MAPPING_BY_NATPMP ? MAPPER_NATPMP_ADDRESS : MAPPER_PCP,
                  now_ms, step);
        return;
    case MAPPER_RESTING:
        mapper->worst = MAPPING_NO_ANSWER;
        ask_first(mapper, MAPPER_PCP, now_ms, step);
        return;
    case MAPPER_REMOVING: ask_again(mapper, REMOVE_TRIES, now_ms, step); return;
    case MAPPER_GONE: return;
    }
}

void mapper_stop(struct mapper *mapper, uint64_t now_ms, struct mapper_step *step)
{
    *step = (struct mapper_step){0};
    /* The router may have granted what it was asked, and its reply was lost. */
    if (mapper->mapping.state != MAPPING_GRANTED)
        mapper->mapping.method = mapper->state == MAPPER_PCP          ? MAPPING_BY_PCP
                                 : mapper->state == MAPPER_NATPMP_MAP ? MAPPING_BY_NATPMP
                                                                      : MAPPING_BY_NOTHING;
    if (mapper->mapping.method == MAPPING_BY_NOTHING)
        mapper->state = MAPPER_GONE;
    else
        ask_first(mapper, MAPPER_REMOVING, now_ms, step);
}
