#include "tests/unit/node/consensus/log_bench.h"

#include <criterion/criterion.h>

#include "tests/unit/node/consensus/committee.h"
#include "tests/unit/node/temporary.h"

const hash256 log_bench_id = {{0x77, 1, 2, 3}};
const hash256 log_bench_ledgers[2] = {{{0xa1}}, {{0xb2}}};

struct vote_record sample_record(unsigned i)
{
    struct vote_record record = {.kind = VOTE_RECORD_VOTE,
                                 .ledger = log_bench_ledgers[i == 3],
                                 .epoch = i == 4 ? 2 : 1,
                                 .view = 10 + i};
    if (i == 3) {
        record.kind = VOTE_RECORD_BOUND;
    } else if (i % 3 == 0) {
        record.vote = MESSAGE_NOTARIZE;
        record.proposal = block_named(i);
    } else if (i % 3 == 1) {
        record.kind = i == 1 ? VOTE_RECORD_PROPOSAL : VOTE_RECORD_BLOCK;
        record.parent_view = i == 1 ? 9 : 0;
        record.block = block_named(i);
        record.body = bytes_of_text(i == 1 ? "" : "a block in its stored form");
    } else {
        record.kind = VOTE_RECORD_CERTIFICATE;
        record.body = bytes_of_text("a certificate");
    }
    return record;
}

bool same_record(const struct vote_record *a, const struct vote_record *b)
{
    return a->kind == b->kind && hash256_equal(&a->ledger, &b->ledger) && a->epoch == b->epoch
           && a->view == b->view && a->vote == b->vote && a->parent_view == b->parent_view
           && hash256_equal(&a->proposal, &b->proposal) && hash256_equal(&a->block, &b->block)
           && bytes_equal(a->body, b->body);
}

void log_bench_reopen(struct log_bench *bench)
{
    vote_log_close(bench->log);
    bench->log = vote_log_open(bench->path, &log_bench_id, &bench->found, &bench->error);
}

void log_bench_init(struct log_bench *bench)
{
    *bench = (struct log_bench){.folder = temporary_folder()};
    cr_assert(path_format(bench->path, &bench->error, "%s/votes", bench->folder));
    log_bench_reopen(bench);
    cr_assert_not_null(bench->log, "%s", bench->error.text);
}

void log_bench_end(struct log_bench *bench)
{
    vote_log_close(bench->log);
    temporary_remove(bench->folder);
}

void log_bench_append(struct log_bench *bench, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        const struct vote_record record = sample_record(i);
        vote_log_append(bench->log, &record);
    }
}

void log_bench_sync(struct log_bench *bench)
{
    cr_assert(vote_log_sync(bench->log, &bench->error), "%s", bench->error.text);
}

static void count_views(void *context, const struct vote_record *record)
{
    uint64_t *seen = context;
    const struct vote_record expected = sample_record((unsigned)record->view - 10);
    cr_assert(same_record(record, &expected), "view %lu", (unsigned long)record->view);
    *seen = *seen * 100 + record->view;
}

uint64_t log_bench_replayed(struct log_bench *bench, unsigned ledger, uint64_t epoch)
{
    uint64_t seen = 0;
    cr_assert(vote_log_replay(bench->log, &log_bench_ledgers[ledger], epoch, count_views, &seen,
                              &bench->error),
              "%s", bench->error.text);
    return seen;
}
