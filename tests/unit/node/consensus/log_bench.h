/* A vote log in a folder of its own, and records to put into it. */
#ifndef TESTS_UNIT_NODE_CONSENSUS_LOG_BENCH_H
#define TESTS_UNIT_NODE_CONSENSUS_LOG_BENCH_H
#include "node/consensus/vote_log.h"
#include "node/files.h"

#define LOG_BENCH_RECORDS 5

extern const hash256 log_bench_id;
extern const hash256 log_bench_ledgers[2];

/* One of each kind, of two ledgers and two epochs; number i is of view 10 + i. */
struct vote_record sample_record(unsigned i);
bool same_record(const struct vote_record *a, const struct vote_record *b);

struct log_bench {
    char *folder;
    char path[PATH_SIZE];
    struct vote_log *log;
    enum vote_log_found found;
    struct error error;
};

/* Made anew, open. */
void log_bench_init(struct log_bench *bench);
void log_bench_end(struct log_bench *bench);
/* bench->log is NULL when it is refused, with the reason in bench->error. */
void log_bench_reopen(struct log_bench *bench);
/* Samples `from` to below `to`. */
void log_bench_append(struct log_bench *bench, unsigned from, unsigned to);
void log_bench_sync(struct log_bench *bench);
/* The views of the records shown, two digits each; each must be its sample. */
uint64_t log_bench_replayed(struct log_bench *bench, unsigned ledger, uint64_t epoch);
#endif
