/* Between this node's connections and its ledgers: every message names its ledger in front.
 *
 *   seat ═ line ─┐                         ┌─► node
 *   seat ═ line ─┼─ switchboard ─── peers ─┼─► node
 *   seat ═ line ─┘   allowances            └─► node
 *
 *   message = block 0's hash 32 | kind u8 | ...
 *
 * A ledger's seat opens a line and says who is in the committee: those nodes are kept connected. A
 * line may take guests, too: nodes without a place in any committee here, which come by themselves and
 * name a ledger within STRANGER_MS. They are few, cost less than members may, say nothing larger than a
 * message of transactions, and what they get is bounded by the second. What comes for a ledger that has no line here, or from a node that has no
 * place on it, is passed over. A message whose check would cost more than its sender may cost now
 * (net/allowance.h) waits here, in order, and with it what the same node sends later; requests for
 * much wait in a queue of their own, also while the node has much to read or an answer to it is being
 * made; the same one waits once. A full queue drops what comes: all of it is said again. All on the
 * loop thread. Formats: docs/formats.md; design: consensus 2.13. */
#ifndef NODE_SWITCHBOARD_H
#define NODE_SWITCHBOARD_H
#include "ledger/chain/finality.h"
#include "node/loop.h"
#include "node/net/hello.h"
#include "node/workers.h"
#include "vm/crypto/secret_key.h"

#define LINE_ALL        UINT32_MAX       /* members */
#define LINE_ALL_GUESTS (UINT32_MAX - 1) /* guests */
#define LINE_GUESTS     1000             /* the first guest's number; members are below */
#define LINE_GUESTS_MAX 16               /* of one ledger */
#define STRANGER_MS     10000

struct switchboard;
struct line;

struct switchboard_config {
    struct loop *loop;
    struct workers *workers;
    const struct secret_key *node_key; /* borrowed */
    uint32_t network;
    const char *bind; /* a numeric address; NULL: it only dials */
    uint16_t port;    /* 0: any */
};

/* Listens. */
struct switchboard *switchboard_open(const struct switchboard_config *config, struct error *error);
/* After all lines were closed and all checks have ended. Accepts NULL. */
void switchboard_close(struct switchboard *switchboard);
uint16_t switchboard_port(const struct switchboard *switchboard); /* 0: it only dials */
uint32_t switchboard_network(const struct switchboard *switchboard);
struct node_id switchboard_own(const struct switchboard *switchboard);

enum heard {
    HEARD,       /* the message was dealt with, or is being checked */
    HEARD_LATER, /* line_begin_check() said not now: the same message comes again */
};

/* Called from the loop. `member` is an index in the line's committee, or a guest's number: from
 * LINE_GUESTS on, its own until it goes. Each may close its own line, and no other. */
struct line_events {
    void (*on_up)(void *arg, unsigned member);
    void (*on_down)(void *arg, unsigned member);
    /* `message` begins with its kind and is borrowed during the call. */
    enum heard (*on_message)(void *arg, unsigned member, struct bytes message);
};

/* The ledger has no line yet. */
struct line *line_open(struct switchboard *switchboard, const hash256 *ledger,
                       const struct line_events *events, void *arg);
/* Nothing is called any more. Accepts NULL. */
void line_close(struct line *line);
/* Whether nodes that are not in the committee may come; at first they may not. Before the committee is
 * set. */
void line_take_guests(struct line *line, bool takes_guests);
/* The committee from now on; who of it is connected already is told with on_up() at once, and so are
 * the guests that stay. Its entry with this node's key is this node. Nobody of the committee before is
 * told to be down, nor a guest that is a member now. Not to be called from on_up(). */
void line_set_committee(struct line *line, const struct committee_entry *members, unsigned count);

bool line_is_up(const struct line *line, unsigned member);
unsigned line_up_count(const struct line *line); /* of members */
bool line_has_guests(const struct line *line);
/* Who is connected under that number; and whether it is still that one. */
struct node_id line_node(const struct line *line, unsigned member);
bool line_is_node(const struct line *line, unsigned member, const struct node_id *who);
/* To one of them, or all that are connected; who is not does not get it. */
void line_send(struct line *line, uint32_t to, struct bytes message);
/* Whether so much may be sent to the member that can be done without, or is asked for again: it has
 * little to read still, and what is large does not meet an answer. */
bool line_has_room(const struct line *line, unsigned member, size_t size);
/* To those who have room for it. */
void line_offer(struct line *line, uint32_t to, struct bytes message);
/* To two members that have room for it, others each time. */
void line_hand_on(struct line *line, struct bytes message);

/* In the caller's storage until the check has ended. */
struct line_check {
    struct switchboard_node *node;
};
/* Before a worker checks a message of the member. False: not now. */
bool line_begin_check(struct line *line, unsigned member, unsigned signatures, bool is_certificate,
                      struct line_check *check);
/* `fault` NULL: it was fine; else what the sender did that no honest node does. Also after the line
 * was closed. */
void line_end_check(struct switchboard *switchboard, struct line_check *check, const char *fault);
/* The same for what needs no worker. */
void line_fault(struct line *line, unsigned member, const char *fault);

/* In the caller's storage until the answer was sent. */
struct line_answer {
    struct switchboard_node *node;
};
/* A request of the member is answered later, perhaps with much: until then no other one of it is
 * heard. */
void line_begin_answer(struct line *line, unsigned member, struct line_answer *answer);
/* It was sent, or there is none. Also after the line was closed. */
void line_end_answer(struct switchboard *switchboard, struct line_answer *answer);
#endif
