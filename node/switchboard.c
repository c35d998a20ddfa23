#include "node/switchboard.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/clock.h"
#include "node/consensus/message.h"
#include "node/join_message.h"
#include "node/log.h"
#include "node/net/allowance.h"
#include "node/net/peers.h"
#include "node/pool_message.h"
#include "node/sync/message.h"

#define LEDGER_SIZE    32 /* in front of each message */
#define WAITING_MAX    256
#define WAITING_BYTES  (SYNC_MESSAGE_SIZE_MAX + 1048576)
#define GUEST_BYTES    1048576 /* of a node without a place in a committee, that wait */
#define REQUESTS_MAX   32
#define LOOK_AGAIN_MS  5
#define UNSENT_BYTES   262144 /* a node reads them before it gets more of what is large */
#define FRAME_KEPT     65536
#define NODE_NAME_SIZE 16
#define NOBODY         UINT32_MAX
#define STRANGERS_MAX  64   /* connected without a place in a committee */
#define NODES_KNOWN    4096 /* beyond it no further stranger is remembered */
#define HANDS          2    /* who get a transaction of a guest's users */

enum { QUEUE_SAID, QUEUE_REQUESTS, QUEUE_COUNT };

struct waiting {
    struct waiting *next;
    struct buffer message;
};

struct waiting_queue {
    struct waiting *first, *last;
    size_t count, bytes;
};

/* A node that is in the committee of a line, or was, or came by itself. */
struct switchboard_node {
    struct node_id who;
    unsigned uses;              /* places in committees */
    unsigned guest_of;          /* ledgers */
    uint64_t stranger_until_ms; /* it has to name a ledger before */
    bool is_up;
    bool is_heard; /* one of its messages is being delivered */
    bool is_wanted;
    unsigned answers; /* to it, that are being made */
    char endpoint[COMMITTEE_ENDPOINT_MAX + 1];
    struct allowance allowance;
    struct waiting_queue queues[QUEUE_COUNT];
};

struct line {
    struct line *next;
    struct switchboard *board;
    hash256 ledger;
    const struct line_events *events;
    void *arg;
    struct switchboard_node *members[COMMITTEE_SIZE_MAX]; /* NULL: this node */
    unsigned count;
    bool is_told;   /* of its places, now */
    bool is_closed; /* meanwhile */
    bool takes_guests;
    struct switchboard_node *guests[LINE_GUESTS_MAX]; /* NULL: the place is free */
    unsigned hand; /* whose turn it is to get what is handed on */
};

struct switchboard {
    struct switchboard_config config;
    struct node_id own;
    struct peers *peers;
    struct line *lines;
    struct switchboard_node **nodes;
    size_t nodes_count, nodes_capacity;
    struct loop_timer *timer;
    struct buffer frame; /* being sent */
};

/* ---- Nodes ------------------------------------------------------------------------------------- */

static struct switchboard_node *find_node(const struct switchboard *board,
                                          const struct node_id *who)
{
    for (size_t i = 0; i < board->nodes_count; i++) {
        struct switchboard_node *node = board->nodes[i];
        assert(node != NULL);
        if (node_id_equal(&node->who, who))
            return node;
    }
    return NULL;
}

static void drop_first(struct waiting_queue *queue)
{
    struct waiting *first = queue->first;
    queue->first = first->next;
    if (queue->first == NULL)
        queue->last = NULL;
    queue->count--;
    queue->bytes -= first->message.size;
    buffer_cleanup(&first->message);
    free(first);
}

static void drop_waiting(struct switchboard_node *node)
{
    for (unsigned i = 0; i < QUEUE_COUNT; i++)
        while (node->queues[i].first != NULL)
            drop_first(&node->queues[i]);
}

static bool is_forgotten(const struct switchboard_node *node, uint64_t now_ms)
{
    return node->uses == 0 && !node->is_up && !node->is_heard && node->answers == 0
           && node->allowance.checks == 0 && !allowance_is_banned(&node->allowance, now_ms);
}

static struct switchboard_node *find_forgotten(const struct switchboard *board)
{
    const uint64_t now_ms = clock_boot_ms();
    for (size_t i = 0; i < board->nodes_count; i++)
        if (is_forgotten(board->nodes[i], now_ms))
            return board->nodes[i];
    return NULL;
}

/* In the place of one that nobody needs to know any more, if there is one. */
static struct switchboard_node *know_node(struct switchboard *board, const struct node_id *who)
{
    struct switchboard_node *node = find_node(board, who);
    if (node != NULL)
        return node;
    node = find_forgotten(board);
    if (node == NULL) {
        if (board->nodes_count == board->nodes_capacity) {
            board->nodes_capacity = 2 * board->nodes_capacity + 8;
            board->nodes =
                memory_resize(board->nodes, board->nodes_capacity * sizeof *board->nodes);
        }
        node = memory_new(sizeof *node);
        board->nodes[board->nodes_count++] = node;
    }
    *node = (struct switchboard_node){.who = *who};
    return node;
}

static bool is_stranger(const struct switchboard_node *node)
{
    return node->uses == 0 && node->guest_of == 0;
}

static struct allowance *allowance_of(struct switchboard_node *node)
{
    node->allowance.is_guest = node->uses == 0;
    return &node->allowance;
}

static const char *name_of(const struct switchboard_node *node, char out[NODE_NAME_SIZE])
{
    const uint8_t *key = node->who.key;
    snprintf(out, NODE_NAME_SIZE, "%02x%02x%02x%02x%02x", key[0], key[1], key[2], key[3], key[4]);
    return out;
}

/* Keeps it connected, or no longer: whoever is in a committee, says where it is, and is not turned
 * away. */
static void want_node(struct switchboard *board, struct switchboard_node *node)
{
    struct endpoint endpoint;
    struct error ignored; /* the genesis and the seals take only what is an endpoint, or nothing */
    const bool is_wanted = node->uses > 0 && !allowance_is_banned(&node->allowance, clock_boot_ms())
                           && node->endpoint[0] != '\0'
                           && endpoint_parse(&endpoint, node->endpoint, &ignored);
    if (is_wanted)
        peers_want(board->peers, &node->who, &endpoint, 1);
    else if (node->is_wanted)
        peers_forget(board->peers, &node->who);
    node->is_wanted = is_wanted;
}

static void ban(struct switchboard *board, struct switchboard_node *node, const char *fault)
{
    char name[NODE_NAME_SIZE];
    const uint64_t now_ms = clock_boot_ms(), until_ms = allowance_ban(&node->allowance, now_ms);
    log_write(LOG_WARN, "switchboard: turned away node=%s for_s=%" PRIu64 " reason=\"%s\"",
              name_of(node, name), (until_ms - now_ms) / 1000, fault);
    want_node(board, node);
    peers_drop(board->peers, &node->who, fault);
    if (!node->is_heard)
        drop_waiting(node);
    loop_timer_set(board->timer, LOOK_AGAIN_MS);
}

/* ---- What comes -------------------------------------------------------------------------------- */

static struct line *find_line(const struct switchboard *board, const uint8_t *ledger)
{
    for (struct line *line = board->lines; line != NULL; line = line->next)
        if (memcmp(line->ledger.bytes, ledger, LEDGER_SIZE) == 0)
            return line;
    return NULL;
}

/* `count`: it has no place in this committee. */
static unsigned member_of(const struct line *line, const struct switchboard_node *node)
{
    unsigned member = 0;
    while (member < line->count && line->members[member] != node)
        member++;
    return member;
}

/* Its number on the line; NOBODY: it has none. */
static unsigned place_of(const struct line *line, const struct switchboard_node *node)
{
    const unsigned member = member_of(line, node);
    if (member < line->count)
        return member;
    for (unsigned i = 0; i < LINE_GUESTS_MAX; i++)
        if (line->guests[i] == node)
            return LINE_GUESTS + i;
    return NOBODY;
}

/* NULL: this node, or nobody. */
static struct switchboard_node *node_at(const struct line *line, unsigned place)
{
    if (place >= LINE_GUESTS)
        return place - LINE_GUESTS < LINE_GUESTS_MAX ? line->guests[place - LINE_GUESTS] : NULL;
    return place < line->count ? line->members[place] : NULL;
}

/* Who names a ledger that takes guests is one of them, while there is a place. */
static void welcome(struct line *line, struct switchboard_node *node)
{
    for (unsigned i = 0; line->takes_guests && i < LINE_GUESTS_MAX; i++)
        if (line->guests[i] == NULL) {
            line->guests[i] = node;
            node->guest_of++;
            line->events->on_up(line->arg, LINE_GUESTS + i);
            return;
        }
}

static void see_off(struct line *line, unsigned guest)
{
    line->guests[guest]->guest_of--;
    line->guests[guest] = NULL;
}

static enum heard deliver(struct switchboard *board, struct switchboard_node *node,
                          struct bytes message)
{
    struct line *line = find_line(board, message.data);
    if (line != NULL && place_of(line, node) == NOBODY) {
        welcome(line, node);
        line = find_line(board, message.data); /* its owner may have closed it */
    }
    const unsigned member = line == NULL ? NOBODY : place_of(line, node);
    if (member == NOBODY)
        return HEARD;
    node->is_heard = true;
    const enum heard heard = line->events->on_message(
        line->arg, member, bytes_of(message.data + LEDGER_SIZE, message.size - LEDGER_SIZE));
    node->is_heard = false;
    return heard;
}

/* What is answered with much. */
static bool is_request(uint8_t kind)
{
    return kind == PEER_GET_BLOCK || kind == SYNC_GET_RANGE || kind == SYNC_GET_SEALS
           || kind == SYNC_GET_CHECKPOINTS || kind == SYNC_GET_MANIFEST || kind == SYNC_GET_CHUNK
           || kind == POOL_WANT || kind == JOIN_REQUEST;
}

static void keep(struct switchboard *board, const struct switchboard_node *node,
                 struct waiting_queue *queue, unsigned count_max, struct bytes message)
{
    const size_t bytes_max = node->uses > 0 ? WAITING_BYTES : GUEST_BYTES;
    if (queue->count >= count_max || queue->bytes + message.size > bytes_max)
        return;
    struct waiting *waiting = memory_new_zeroed(1, sizeof *waiting);
    buffer_append_bytes(&waiting->message, message);
    if (queue->last == NULL)
        queue->first = waiting;
    else
        queue->last->next = waiting;
    queue->last = waiting;
    queue->count++;
    queue->bytes += message.size;
    loop_timer_set(board->timer, LOOK_AGAIN_MS);
}

static bool may_get_more(const struct switchboard *board, struct switchboard_node *node)
{
    return node->answers == 0 && peers_unsent(board->peers, &node->who) < UNSENT_BYTES
           && allowance_may_get(allowance_of(node), clock_boot_ms());
}

/* Whoever waits long for an answer asks again. */
static bool waits_already(const struct waiting_queue *queue, struct bytes message)
{
    for (const struct waiting *waiting = queue->first; waiting != NULL; waiting = waiting->next)
        if (bytes_equal(buffer_view(&waiting->message), message))
            return true;
    return false;
}

static void hear(struct switchboard *board, struct switchboard_node *node, struct bytes message)
{
    const bool asks = is_request(message.data[LEDGER_SIZE]);
    struct waiting_queue *queue = &node->queues[asks ? QUEUE_REQUESTS : QUEUE_SAID];
    if (asks && waits_already(queue, message))
        return;
    if (queue->first != NULL || (asks && !may_get_more(board, node))
        || deliver(board, node, message) == HEARD_LATER)
        keep(board, node, queue, asks ? REQUESTS_MAX : WAITING_MAX, message);
}

/* What waits and may go on. */
static void hear_waiting(struct switchboard *board, struct switchboard_node *node)
{
    if (node->is_heard)
        return;
    for (unsigned i = 0; i < QUEUE_COUNT; i++) {
        struct waiting_queue *queue = &node->queues[i];
        while (queue->first != NULL && node->is_up
               && (i != QUEUE_REQUESTS || may_get_more(board, node))
               && deliver(board, node, buffer_view(&queue->first->message)) == HEARD)
            drop_first(queue);
    }
    if (!node->is_up || allowance_is_banned(&node->allowance, clock_boot_ms()))
        drop_waiting(node);
}

static void on_timer(void *arg)
{
    struct switchboard *board = arg;
    const uint64_t now_ms = clock_boot_ms();
    uint64_t wait_ms = UINT64_MAX;
    for (size_t i = 0; i < board->nodes_count; i++) {
        struct switchboard_node *node = board->nodes[i];
        hear_waiting(board, node);
        if (node->queues[QUEUE_SAID].first != NULL || node->queues[QUEUE_REQUESTS].first != NULL)
            wait_ms = LOOK_AGAIN_MS;
        if (node->uses > 0 && !node->is_wanted && !allowance_is_banned(&node->allowance, now_ms))
            want_node(board, node);
        if (node->is_up && is_stranger(node)) {
            if (now_ms >= node->stranger_until_ms)
                peers_drop(board->peers, &node->who, "it has no place on any ledger here");
            else if (node->stranger_until_ms - now_ms < wait_ms)
                wait_ms = node->stranger_until_ms - now_ms;
        }
        if (allowance_is_banned(&node->allowance, now_ms)
            && node->allowance.banned_until_ms - now_ms < wait_ms)
            wait_ms = node->allowance.banned_until_ms - now_ms;
    }
    if (wait_ms != UINT64_MAX)
        loop_timer_set(board->timer, wait_ms);
}

/* ---- What the connections tell ------------------------------------------------------------------- */

/* Whether one more node may come that has no place in a committee. */
static bool takes_strangers(const struct switchboard *board)
{
    bool has_place = false;
    size_t strangers = 0;
    for (const struct line *line = board->lines; line != NULL; line = line->next)
        has_place = has_place || line->takes_guests;
    for (size_t i = 0; i < board->nodes_count; i++)
        strangers += board->nodes[i]->is_up && board->nodes[i]->uses == 0;
    return has_place && strangers < STRANGERS_MAX;
}

static bool may_come(void *arg, const struct node_id *who)
{
    const struct switchboard *board = arg;
    const struct switchboard_node *node = find_node(board, who);
    if (node == NULL)
        return takes_strangers(board)
               && (board->nodes_count < NODES_KNOWN || find_forgotten(board) != NULL);
    return (node->uses > 0 || takes_strangers(board))
           && !allowance_is_banned(&node->allowance, clock_boot_ms());
}

/* Whoever has no place in a committee says nothing larger than transactions. */
static uint32_t size_max(void *arg, const struct node_id *who)
{
    const struct switchboard_node *node = find_node(arg, who);
    const bool is_member = node != NULL && node->uses > 0;
    return LEDGER_SIZE + (is_member ? SYNC_MESSAGE_SIZE_MAX : POOL_MESSAGE_SIZE_MAX);
}

static void tell_lines(struct switchboard *board, const struct switchboard_node *node, bool is_up)
{
    for (struct line *line = board->lines, *next; line != NULL; line = next) {
        next = line->next;
        const unsigned member = place_of(line, node);
        if (member == NOBODY)
            continue;
        if (!is_up && member >= LINE_GUESTS)
            see_off(line, member - LINE_GUESTS);
        if (is_up)
            line->events->on_up(line->arg, member);
        else
            line->events->on_down(line->arg, member);
    }
}

static void on_up(void *arg, const struct node_id *who)
{
    struct switchboard *board = arg;
    struct switchboard_node *node = find_node(board, who);
    const bool takes_stranger = takes_strangers(board);
    if (node == NULL && takes_stranger)
        node = know_node(board, who);
    if (node != NULL)
        node->is_up = true;
    if (node == NULL || (node->uses == 0 && !takes_stranger)) { /* wanted until a moment ago */
        peers_drop(board->peers, who, "no committee has both any more");
        return;
    }
    if (node->uses == 0) {
        node->stranger_until_ms = clock_boot_ms() + STRANGER_MS;
        loop_timer_set(board->timer, LOOK_AGAIN_MS);
    }
    tell_lines(board, node, true);
}

static void on_down(void *arg, const struct node_id *who)
{
    struct switchboard *board = arg;
    struct switchboard_node *node = find_node(board, who);
    if (node == NULL)
        return;
    node->is_up = false;
    drop_waiting(node);
    tell_lines(board, node, false);
}

static void on_message(void *arg, const struct node_id *who, struct bytes message)
{
    struct switchboard *board = arg;
    struct switchboard_node *node = find_node(board, who);
    if (node != NULL && node->is_up && message.size > LEDGER_SIZE
        && !allowance_is_banned(&node->allowance, clock_boot_ms()))
        hear(board, node, message);
}

static const struct peers_events on_peers = {may_come, size_max, on_up, on_down, on_message};

/* ---- Life ---------------------------------------------------------------------------------------- */

struct switchboard *switchboard_open(const struct switchboard_config *config, struct error *error)
{
    struct switchboard *board = memory_new_zeroed(1, sizeof *board);
    const struct peers_config peers = {.loop = loop_base(config->loop),
                                       .workers = config->workers,
                                       .node_key = config->node_key,
                                       .network = config->network,
                                       .message_max = LEDGER_SIZE + SYNC_MESSAGE_SIZE_MAX,
                                       .bind = config->bind,
                                       .port = config->port,
                                       .seed = clock_work_ns(),
                                       .events = &on_peers,
                                       .arg = board};
    board->config = *config;
    board->own = node_id_of(config->node_key);
    board->timer = loop_timer_new(config->loop, on_timer, board);
    board->peers = peers_open(&peers, error);
    if (board->peers != NULL)
        return board;
    switchboard_close(board);
    return NULL;
}

void switchboard_close(struct switchboard *board)
{
    if (board == NULL)
        return;
    assert(board->lines == NULL);
    peers_close(board->peers);
    loop_timer_free(board->timer);
    for (size_t i = 0; i < board->nodes_count; i++) {
        drop_waiting(board->nodes[i]);
        free(board->nodes[i]);
    }
    free(board->nodes);
    buffer_cleanup(&board->frame);
    free(board);
}

uint16_t switchboard_port(const struct switchboard *board)
{
    return peers_port(board->peers);
}

uint32_t switchboard_network(const struct switchboard *board)
{
    return board->config.network;
}

struct node_id switchboard_own(const struct switchboard *board)
{
    return board->own;
}

struct line *line_open(struct switchboard *board, const hash256 *ledger,
                       const struct line_events *events, void *arg)
{
    struct line *line = memory_new_zeroed(1, sizeof *line);
    assert(find_line(board, ledger->bytes) == NULL);
    line->board = board;
    line->ledger = *ledger;
    line->events = events;
    line->arg = arg;
    line->next = board->lines;
    board->lines = line;
    return line;
}

static void leave_committee(struct line *line)
{
    for (unsigned i = 0; i < line->count; i++)
        if (line->members[i] != NULL)
            line->members[i]->uses--;
}

/* Whoever has no place any more has to go; if it follows, it comes as a guest. */
static void want_all(struct switchboard *board)
{
    const uint64_t now_ms = clock_boot_ms();
    for (size_t i = 0; i < board->nodes_count; i++) {
        struct switchboard_node *node = board->nodes[i];
        if ((node->uses > 0) != node->is_wanted)
            want_node(board, node);
        if (is_stranger(node) && node->is_up && now_ms >= node->stranger_until_ms)
            peers_drop(board->peers, &node->who, "no committee has both any more");
    }
    peers_limit(board->peers);
}

void line_close(struct line *line)
{
    if (line == NULL)
        return;
    struct line **at = &line->board->lines;
    while (*at != line)
        at = &(*at)->next;
    *at = line->next;
    leave_committee(line);
    for (unsigned i = 0; i < LINE_GUESTS_MAX; i++)
        if (line->guests[i] != NULL)
            see_off(line, i);
    want_all(line->board);
    line->is_closed = true;
    if (!line->is_told)
        free(line);
}

static struct switchboard_node *take_member(struct switchboard *board,
                                            const struct committee_entry *entry)
{
    struct node_id who;
    memcpy(who.key, entry->node_key, sizeof who.key);
    if (node_id_equal(&who, &board->own))
        return NULL;
    struct switchboard_node *node = know_node(board, &who);
    node->uses++;
    if (strcmp(node->endpoint, entry->endpoint) != 0 && entry->endpoint[0] != '\0') {
        memcpy(node->endpoint, entry->endpoint, sizeof node->endpoint);
        node->is_wanted = false; /* under another endpoint than before */
    }
    return node;
}

/* Its owner may close it meanwhile. */
static void tell_places(struct line *line)
{
    assert(!line->is_told);
    line->is_told = true;
    for (unsigned i = 0; !line->is_closed && i < line->count; i++)
        if (line_is_up(line, i))
            line->events->on_up(line->arg, i);
    for (unsigned i = LINE_GUESTS; !line->is_closed && i < LINE_GUESTS + LINE_GUESTS_MAX; i++)
        if (line_is_up(line, i))
            line->events->on_up(line->arg, i);
    line->is_told = false;
    if (line->is_closed)
        free(line);
}

void line_take_guests(struct line *line, bool takes_guests)
{
    line->takes_guests = takes_guests;
}

void line_set_committee(struct line *line, const struct committee_entry *members, unsigned count)
{
    struct switchboard_node *next[COMMITTEE_SIZE_MAX];
    for (unsigned i = 0; i < count; i++) /* before the others are let go: most stay */
        next[i] = take_member(line->board, &members[i]);
    leave_committee(line);
    memcpy(line->members, next, count * sizeof *next);
    line->count = count;
    for (unsigned i = 0; i < LINE_GUESTS_MAX; i++)
        if (line->guests[i] != NULL
            && (!line->takes_guests || member_of(line, line->guests[i]) < line->count))
            see_off(line, i);
    want_all(line->board);
    tell_places(line);
}

bool line_is_up(const struct line *line, unsigned member)
{
    const struct switchboard_node *node = node_at(line, member);
    return node != NULL && node->is_up;
}

unsigned line_up_count(const struct line *line)
{
    unsigned count = 0;
    for (unsigned i = 0; i < line->count; i++)
        count += line_is_up(line, i);
    return count;
}

bool line_has_guests(const struct line *line)
{
    for (unsigned i = 0; i < LINE_GUESTS_MAX; i++)
        if (line->guests[i] != NULL)
            return true;
    return false;
}

bool line_has_room(const struct line *line, unsigned member, size_t size)
{
    if (!line_is_up(line, member))
        return false;
    struct switchboard_node *node = node_at(line, member);
    return allowance_may_get(allowance_of(node), clock_boot_ms())
           && (may_get_more(line->board, node)
               || peers_unsent(line->board->peers, &node->who) + size <= UNSENT_BYTES);
}

struct node_id line_node(const struct line *line, unsigned member)
{
    const struct switchboard_node *node = node_at(line, member);
    assert(node != NULL);
    return node->who;
}

bool line_is_node(const struct line *line, unsigned member, const struct node_id *who)
{
    const struct switchboard_node *node = node_at(line, member);
    return node != NULL && node_id_equal(&node->who, who);
}

static struct bytes frame_of(struct line *line, struct bytes message)
{
    struct buffer *frame = &line->board->frame;
    buffer_clear(frame);
    buffer_append(frame, line->ledger.bytes, LEDGER_SIZE);
    buffer_append_bytes(frame, message);
    return buffer_view(frame);
}

/* An idle node keeps no memory for blocks. */
static void drop_frame(struct switchboard *board)
{
    if (board->frame.capacity <= FRAME_KEPT)
        return;
    buffer_cleanup(&board->frame);
    board->frame = (struct buffer){0};
}

static void send_frame(struct line *line, unsigned place, struct bytes frame)
{
    struct switchboard_node *node = node_at(line, place);
    if (!line_is_up(line, place))
        return;
    peers_send(line->board->peers, &node->who, frame);
    allowance_spend_bytes(allowance_of(node), frame.size);
}

static void send_each(struct line *line, unsigned first, unsigned count, bool is_offer,
                      struct bytes frame)
{
    for (unsigned i = first; i < first + count; i++)
        if (!is_offer || line_has_room(line, i, frame.size))
            send_frame(line, i, frame);
}

static void send(struct line *line, uint32_t to, struct bytes message, bool is_offer)
{
    const struct bytes frame = frame_of(line, message);
    if (to == LINE_ALL)
        send_each(line, 0, line->count, is_offer, frame);
    else if (to == LINE_ALL_GUESTS)
        send_each(line, LINE_GUESTS, LINE_GUESTS_MAX, is_offer, frame);
    else
        send_each(line, to, 1, is_offer, frame);
    drop_frame(line->board);
}

void line_send(struct line *line, uint32_t to, struct bytes message)
{
    send(line, to, message, false);
}

void line_offer(struct line *line, uint32_t to, struct bytes message)
{
    send(line, to, message, true);
}

void line_hand_on(struct line *line, struct bytes message)
{
    const struct bytes frame = frame_of(line, message);
    unsigned handed = 0;
    for (unsigned i = 0; i < line->count && handed < HANDS; i++) {
        const unsigned member = line->hand % line->count;
        line->hand++;
        if (!line_has_room(line, member, frame.size))
            continue;
        send_frame(line, member, frame);
        handed++;
    }
    drop_frame(line->board);
}

/* ---- What checks cost ---------------------------------------------------------------------------- */

bool line_begin_check(struct line *line, unsigned member, unsigned signatures, bool is_certificate,
                      struct line_check *check)
{
    check->node = node_at(line, member);
    assert(check->node != NULL);
    return allowance_begin(allowance_of(check->node), signatures, is_certificate, clock_boot_ms());
}

void line_end_check(struct switchboard *board, struct line_check *check, const char *fault)
{
    allowance_end(&check->node->allowance);
    if (fault != NULL)
        ban(board, check->node, fault);
    else
        hear_waiting(board, check->node);
}

void line_fault(struct line *line, unsigned member, const char *fault)
{
    struct switchboard_node *node = node_at(line, member);
    assert(node != NULL);
    ban(line->board, node, fault);
}

void line_begin_answer(struct line *line, unsigned member, struct line_answer *answer)
{
    answer->node = node_at(line, member);
    assert(answer->node != NULL);
    answer->node->answers++;
}

void line_end_answer(struct switchboard *board, struct line_answer *answer)
{
    assert(answer->node->answers > 0);
    answer->node->answers--;
    hear_waiting(board, answer->node);
}
