/* The vote log: one file per node, in which every promise stands before it is made.
 *
 * vote_log_append() only queues; vote_log_sync() writes what is queued, waits for the disk once,
 * and then everything up to the number it reports may leave the node. Records not above their
 * ledger's last final view are dropped when the file has grown: those still needed are copied into
 * a new file, which then takes the place of the old one. Opening does the same, so a torn tail
 * never stays. One thread owns a log. Record formats: vote_record.h; design: consensus 2.9.
 *
 * The id is random and is repeated in every ledger's store: a log with another id, or one that
 * vote_log_open() had to make, has forgotten what that ledger's member promised, and so has a
 * damaged one. What follows is the startup audit (audit.h). */
#ifndef NODE_CONSENSUS_VOTE_LOG_H
#define NODE_CONSENSUS_VOTE_LOG_H
#include "node/consensus/vote_record.h"
#include "vm/base/error.h"

struct vote_log; /* opaque */

enum vote_log_found {
    VOTE_LOG_MADE,  /* there was none */
    VOTE_LOG_WHOLE, /* every record that was synced is there */
};

/* Opens the file, or makes one with `new_id`. NULL with ERROR_CORRUPT when a synced record or the
 * header is damaged, or the file is none of ours: the caller moves it aside, and opening makes a
 * new one. */
struct vote_log *vote_log_open(const char *path, const hash256 *new_id, enum vote_log_found *found,
                               struct error *error);
void vote_log_close(struct vote_log *log); /* accepts NULL; what was not synced is lost */

hash256 vote_log_id(const struct vote_log *log);

/* Queues the record. Returns its number: it may leave the node once vote_log_synced() has reached
 * it. The record's bytes are copied; its body is at most VOTE_RECORD_BODY_MAX less 128. */
uint64_t vote_log_append(struct vote_log *log, const struct vote_record *record);
/* Writes what is queued and waits for the disk. ERROR_DISK_FULL before anything was written leaves
 * the queue as it is: call again when there is room. After any other failure nobody knows what is
 * on the disk, so the log takes and syncs nothing more until it is opened again. */
bool vote_log_sync(struct vote_log *log, struct error *error) __attribute__((warn_unused_result));
uint64_t vote_log_synced(const struct vote_log *log);

/* Records of the ledger up to this view of this epoch, and all of earlier epochs, are needed no
 * more (R0: nobody votes there again). UINT64_MAX for both: the ledger was left. */
void vote_log_on_final(struct vote_log *log, const hash256 *ledger, uint64_t epoch, uint64_t view);

/* Calls for every record of this ledger and epoch that is still needed, in the order they were
 * appended; records of other epochs and ledgers are not shown. False when the file cannot be read
 * or a record changed under us. `record` lives for the call. */
typedef void vote_log_visit(void *context, const struct vote_record *record);
bool vote_log_replay(const struct vote_log *log, const hash256 *ledger, uint64_t epoch,
                     vote_log_visit *visit, void *context, struct error *error)
    __attribute__((warn_unused_result));

uint64_t vote_log_file_size(const struct vote_log *log); /* bytes in use */
#endif
