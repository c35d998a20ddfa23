/* A bunch of peers, good and bad, around one machine of node/sync: who is connected and with what
 * habit, what was asked of whom, and a clock that goes from one answer or timer to the next. The
 * test of the machine says what its peers answer and carries out what the machine wants done.
 *
 * There is one bunch a process, as every test runs in its own. */
#ifndef TESTS_UNIT_NODE_SYNC_BUNCH_H
#define TESTS_UNIT_NODE_SYNC_BUNCH_H
#include "node/sync/blocks.h"
#include "node/sync/checkpoint.h"
#include "node/sync/seals.h"

#define BUNCH_PEERS    8
#define BUNCH_OPEN_MAX 256
#define BUNCH_START_MS 100000
#define BUNCH_EVER_MS  3600000 /* longer than anything under test may take */

/* The first of the habits that every test lists for its peers. */
#define BUNCH_HONEST 0

/* What the machine asked of a peer; it is answered at `at_ms`. */
struct bunch_request {
    uint64_t at_ms;
    unsigned peer;
    union {
        struct block_sync_action blocks;
        struct checkpoint_action part;
        struct seals_action links;
    };
};

/* The machine under test, and how its peers answer. */
struct bunch_machine {
    void (*on_peer)(unsigned peer); /* connected, with bunch.habits[peer] */
    void (*on_gone)(unsigned peer);
    void (*answer)(const struct bunch_request *request);
    void (*work)(void); /* carries out what is to be done now */
    uint64_t (*next_ms)(void);
    bool (*is_over)(void); /* nothing more is expected */
};

extern struct bunch {
    const struct bunch_machine *machine;
    uint64_t now_ms, seed, random;
    unsigned habits[BUNCH_PEERS];
    bool is_up[BUNCH_PEERS], stays[BUNCH_PEERS];
    struct bunch_request open[BUNCH_OPEN_MAX];
    size_t open_count;
    unsigned asked[BUNCH_PEERS], faults, honest_faults;
} bunch;

void bunch_start(const struct bunch_machine *machine, uint64_t seed);
uint64_t bunch_draw(void);

void bunch_connect(unsigned peer, unsigned habit);
/* What it owes is lost. */
void bunch_disconnect(unsigned peer);
/* One honest peer, who stays, and most of the others, with a habit drawn below `habits`. */
void bunch_gather(unsigned habits);
/* So often a peer that does not stay comes, with a drawn habit (`habits` 0: its last), or goes. */
void bunch_come_or_go(unsigned percent, unsigned habits);

/* For bunch_machine.work: the machine asks a peer (beyond BUNCH_OPEN_MAX it gets lost); it says
 * that a peer lied. */
void bunch_ask(struct bunch_request request);
void bunch_blame(unsigned peer);

/* The machine does what it wants done now, and then waits. */
void bunch_work(void);
/* To the next answer or timer; false if there is none. */
bool bunch_step(void);
/* Until it is over, at most so long. */
void bunch_run(uint64_t most_ms);
/* So long, whatever is over, or until nothing is pending. */
void bunch_pass(uint64_t ms);
#endif
