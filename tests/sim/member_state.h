/* A member behind member.h: the replica that the node runs, driven with a virtual vote log, store,
 * key and ledger. Private to member.c, actions.c and disk.c. */
#ifndef TESTS_SIM_MEMBER_STATE_H
#define TESTS_SIM_MEMBER_STATE_H
#include "node/replica/replica.h"
#include "node/sync/blocks.h"
#include "tests/sim/chain.h"
#include "tests/sim/member.h"

struct logged {
    struct vote_record record;
    struct buffer body; /* the record's */
    bool is_synced;
};

struct disk {
    struct logged *records; /* the vote log: one for all epochs */
    size_t records_count;
    bool log_is_whole; /* the store names this log */
    uint64_t writes;   /* records and batches, ever */
    /* The store is younger than what the member said: it began anew or was put back. Then the log is
     * whole for the epoch in which it was adopted, after a silence up to that view. */
    bool store_is_old;
    uint64_t adopted_until;
    bool has_no_store; /* it joins when it starts */
    bool is_aside;     /* a store waits that lacks blocks which nobody has any more */
    /* the store: the last final block, the epoch that follows from it, and every seal's proof */
    uint64_t epoch, final_view;
    struct simplex_block final;
    bool has_certificate;
    struct certificate certificate;
    bool has_seal[EPOCHS_MAX + 1];
    struct certificate seals[EPOCHS_MAX + 1];
};

/* Final, and not in the store yet. */
struct commit {
    hash256 block;
    struct certificate certificate;
};

/* A connection, for block sync. */
struct sync_link {
    bool is_up;
    uint64_t life;   /* of the other side */
    uint64_t number; /* of the last STATUS, which a connection keeps in order */
};

struct member {
    struct disk disk;
    struct disk *copy; /* of some time ago, or NULL */
    bool is_up;
    const struct committee *committee; /* of the replica's epoch */
    struct replica *replica;
    uint64_t timer_at, silent_until;
    uint64_t final_view;    /* of the last block that the replica said is final */
    struct commit *commits; /* oldest first */
    size_t commits_count;
    uint64_t commit_at;
    bool is_sealed; /* the replica waits for its next epoch */
    bool is_syncing;
    struct block_sync *sync; /* with a real ledger */
    uint64_t sync_at;        /* of its timer */
    struct sync_link links[BOXES_MAX];
    uint64_t rejoin_at;    /* when it sees whether it lacks such blocks */
    struct joiner *joiner; /* while it has no store */
    struct chain *chain;   /* the store of a real ledger, while it is up; NULL: blocks are hashes */
    hash256 worked_on;     /* on top of which the replica was told what work there is */
    bool has_news;         /* transactions came since */
};

/* ---- disk.c ---- */

void disk_append(struct disk *disk, const struct vote_record *record);
/* The log is one file: what stands before a synced record is synced. */
void disk_sync(struct disk *disk, uint64_t records_count);
bool disk_has_vote(const struct disk *disk, const struct vote *vote);
/* Records that no vote can depend on any more go, as vote_log_on_final() does. */
void disk_prune(struct disk *disk);
/* Synced records, and of the others a random number from the front. */
void disk_tear(struct disk *disk, struct sim *sim);
void disk_drop_unsynced(struct disk *disk);
void disk_lose_log(struct disk *disk);
/* The store is gone: what is there instead has block 0 and names no log. */
void disk_lose_store(struct disk *disk);
struct disk *disk_copy_all(const struct disk *disk); /* to be cleaned up and freed */
/* The block, its certificate and, for a seal, the next epoch: one batch. */
void disk_commit(struct disk *disk, const struct simplex_block *block,
                 const struct certificate *finalization);
/* The store begins with that block; the proofs of earlier seals are to be kept apart. */
void disk_begin_at(struct disk *disk, const struct simplex_block *block, uint64_t epoch,
                   uint64_t final_view, const struct certificate *finalization);
void disk_keep_seal(struct disk *disk, uint64_t epoch, const struct certificate *finalization);
void disk_cleanup(struct disk *disk);
struct certificate disk_copy(const struct certificate *certificate);

/* ---- bodies.c: blocks that are hashes, or those of a real ledger ---- */

/* Of a block that is here; empty if it is not. May be in `arena`. */
struct bytes body_of(struct sim *sim, unsigned box, const hash256 *block, struct arena *arena);
/* False: these bytes are not that block. */
bool body_read(struct sim *sim, unsigned box, const hash256 *block, struct bytes body,
               struct simplex_block *info);
enum replica_verdict body_execute(struct sim *sim, unsigned box, const hash256 *block,
                                  struct bytes body, bool time_is_right);
void body_drop(struct sim *sim, unsigned box, const hash256 *block);
/* False, and why: there is no block. */
bool body_build(struct sim *sim, unsigned box, const hash256 *parent, uint64_t view,
                struct simplex_block *info, enum unbuilt *why);
/* Makes the block and what it stands on final in the store. */
void body_store(struct sim *sim, unsigned box, const hash256 *block,
                const struct certificate *finalization);
/* The store was opened: what its head tells the world. */
void body_on_open(struct sim *sim, unsigned box);
/* Of a seal that the store has: whom it names. */
void body_learn_committee(struct sim *sim, unsigned box, struct sim_block *seal);

/* ---- catch_up.c: block sync with a real ledger ---- */

/* Does what the machine of node/sync asks for. */
void member_catch_up(struct sim *sim, unsigned box, struct replica_queue *queue);
/* What was to be seen at `rejoin_at`: if nobody has its next block any more it stops, and joins. */
void member_look_behind(struct sim *sim, unsigned box);
/* A connection to another box in that life of it begins or ends; with the same as before: nothing. */
void member_link(struct sim *sim, unsigned box, unsigned other, uint64_t life, bool is_up);

/* ---- serving.c ---- */

/* Sends what was asked for, or what the member says instead if it lies. Answers are none. */
void member_answer(struct sim *sim, unsigned box, unsigned from,
                   const struct sync_message *request);

/* ---- member.c ---- */

/* As the replica numbers it: its index in the committee, or a follower's number. */
unsigned member_peer(const struct sim *sim, const struct member *member, unsigned box);
/* The epoch of what is stored. */
struct simplex_config member_engine_config(const struct sim *sim, unsigned box);
/* Who is up and linked. */
void member_meet_all(struct sim *sim, unsigned box, struct replica_queue *queue);

/* ---- actions.c ---- */

/* Does what the replica asks for, and empties the queue. */
void member_carry_out(struct sim *sim, unsigned box, struct replica_queue *queue);
/* Through the member's lies, if it has any. */
void member_say(struct sim *sim, unsigned box, uint64_t to, struct message *message);
/* The block is final, and so is everything between it and that height. */
void member_check_chain(struct sim *sim, unsigned box, const hash256 *hash, uint64_t above);
/* What is final goes into the store, the oldest first. */
void member_store_commit(struct sim *sim, unsigned box);
/* The same, and the write fails. False: there was nothing to write. */
bool member_fail_commit(struct sim *sim, unsigned box, bool is_full);
#endif
