/* The node's one vote log, on a thread of its own: what members promise is on the disk before it
 * leaves the node, and the loop never waits for a disk.
 *
 *   loop: append, append, wait ─► queue ─► writer: takes all that is queued, one sync
 *    ▲                                        │
 *    └──────────── wait.done ◄────────────────┘
 *
 * What is appended is written with the next wait, whosesoever it is: certificates need no sync of
 * their own, and ledgers share one. When the disk fails, or is full, nobody knows what is on it: from
 * then on every wait fails, and no ledger votes until the node is started again. A file that is
 * damaged is moved aside at the start, and a new one with a new id takes its place, which every
 * ledger's store then does not know (ledger/store/promises.h).
 *
 * All functions are for the loop thread. Design: consensus 2.9. */
#ifndef NODE_VOTE_WRITER_H
#define NODE_VOTE_WRITER_H
#include "node/consensus/vote_record.h"
#include "node/workers.h"
#include "vm/base/arena.h"

#define VOTE_WRITER_QUEUE_MAX 134217728 /* bytes that wait to be written */

struct vote_writer;

/* Its thread opens the log, or makes one; if it can do neither every wait fails. NULL: there is no
 * thread to be had. */
struct vote_writer *vote_writer_start(const char *path, struct workers *workers,
                                      struct error *error);
/* What was not waited for may be lost, and waits under way come back no more. Before workers_stop().
 * Accepts NULL. */
void vote_writer_stop(struct vote_writer *writer);

/* Once a wait or a replay went well. */
hash256 vote_writer_id(const struct vote_writer *writer);

/* Copies the record. False: the queue is full, and nothing of the record will be written; whoever
 * promised it promises nothing more. */
bool vote_writer_append(struct vote_writer *writer, const struct vote_record *record)
    __attribute__((warn_unused_result));

/* In the caller's storage, which it keeps until `done`. */
struct vote_wait {
    struct work message; /* the writer's */
    bool ok;             /* what was appended before is on the disk */
    struct error error;  /* why not */
};
/* Calls `done` once all that was appended so far is on the disk, or never will be. */
void vote_writer_wait(struct vote_writer *writer, struct vote_wait *wait, work_done_fn done,
                      void *arg);

/* vote_log_on_final(). */
void vote_writer_on_final(struct vote_writer *writer, const hash256 *ledger, uint64_t epoch,
                          uint64_t view);

/* The records of a ledger's epoch, those appended before with them; its `wait` says how it went. */
struct vote_replay {
    struct vote_wait wait;
    hash256 ledger;
    uint64_t epoch;
    struct vote_record *records; /* in `memory` */
    size_t count;
    struct arena memory; /* the caller's to clean up */
};
void vote_writer_replay(struct vote_writer *writer, struct vote_replay *replay, work_done_fn done,
                        void *arg);
#endif
