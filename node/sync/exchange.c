#include "node/sync/exchange.h"

#include <assert.h>
#include <inttypes.h>

#include "ledger/contracts/contracts.h"
#include "node/consensus/proposal.h"
#include "node/consensus/quorum.h"

static_assert(SYNC_BLOCKS_MAX == RANGE_BLOCKS_MAX, "a range fits its message");
static_assert(SYNC_LINKS_MAX == SEAL_CHAIN_LINKS_MAX, "a chain of seals fits its message");
static_assert(SYNC_LINKS_SIZE_MAX > SEAL_CHAIN_SIZE_MAX, "and its bytes do");
static_assert(BLOCK_RLP_SIZE_MAX + CONTAINER_OVERHEAD_MAX + SYNC_AROUND_MAX
                  <= SYNC_MESSAGE_SIZE_MAX,
              "a block of the largest size fits");
/* A certificate has 128 bytes at most besides its signatures. */
static_assert(PROPOSAL_CERTIFICATES_MAX * (128 + COMMITTEE_SIZE_MAX * SIGNATURE_SIZE) + 1024
                  <= SYNC_AROUND_MAX,
              "also in a proposal with all that justifies it");

bool exchange_answer(const struct ledger_view *view, const struct sync_message *request,
                     struct buffer *out, struct error *error)
{
    struct buffer content = {0};
    struct sync_message answer = {.span = {.first = request->get_span.first}};
    const unsigned most = request->get_span.count;
    bool ok;
    if (request->kind == SYNC_GET_RANGE) {
        answer.kind = SYNC_RANGE;
        ok = view_range(view, answer.span.first, most, &content, &answer.span.count, error);
    } else {
        assert(request->kind == SYNC_GET_SEALS);
        answer.kind = SYNC_SEALS;
        ok = view_seal_chain(view, answer.span.first, most, &content, &answer.span.count, error);
    }
    if (!ok && error->code == ERROR_NOT_FOUND) {
        ok = true;
        answer.span.count = 0;
    }
    if (answer.span.count > 0)
        answer.span.content = buffer_view(&content);
    if (ok)
        sync_message_encode(&answer, out);
    buffer_cleanup(&content);
    return ok;
}

/* ---- Ranges ---------------------------------------------------------------------------------- */

/* Decodes what the job is about; `first` is the header of its first block. */
static bool decode_range(enum vm_fork fork, const struct block_sync_action *job,
                         struct arena *arena, struct block_range *range, struct header *first)
{
    struct sync_message message;
    struct block block;
    if (!sync_message_decode(&message, job->answer)
        || !block_range_decode(range, fork, message.span.content, arena)
        || range->count != job->count
        || block_container_decode(&block, fork, range->blocks[0].container, arena) != BLOCK_OK)
        return false;
    *first = block.header;
    return true;
}

static bool names_record(const struct header *header, const struct epoch_record *record)
{
    const hash256 hash = epoch_record_hash(record);
    return hash256_equal(&header->parent_beacon_block_root, &hash);
}

static void note_range(const struct block_range *range, const struct header *first,
                       struct checked_range *checked)
{
    checked->parent = first->parent_hash;
    for (unsigned i = 0; i < range->count; i++)
        checked->hashes[i] = range->blocks[i].hash;
    checked->finalization = range->proof.finalization;
}

bool exchange_verify_range(struct ledger *ledger, const struct block_sync_action *job,
                           struct arena *arena, enum range_verdict *verdict,
                           struct checked_range *checked, struct error *error)
{
    const enum vm_fork fork = ledger_genesis(ledger)->fork;
    const struct epoch_record *record;
    struct signing_domain domain;
    struct block_range range;
    struct header first;
    struct ledger_view *view = ledger_view_open(ledger, error);
    if (view == NULL)
        return false;
    const uint64_t next = view_head(view) + 1;
    const bool ok =
        view_epoch(view, job->first < next ? job->first : next, &record, &domain, error);
    *verdict = RANGE_BAD;
    if (ok && decode_range(fork, job, arena, &range, &first)) {
        if (!names_record(&first, record))
            *verdict = RANGE_EARLY;
        else if (block_range_check(&range, fork, &first.parent_hash, job->first - 1, &domain,
                                   record)
                 == FINALITY_OK)
            *verdict = RANGE_GOOD;
    }
    if (*verdict == RANGE_GOOD)
        note_range(&range, &first, checked);
    ledger_view_close(view);
    return ok;
}

/* What a peer may have changed although the header is certified: all that stands beside it. */
static bool is_bad_transfer(enum block_verdict verdict)
{
    return verdict == BLOCK_BAD_RLP || verdict == BLOCK_BAD_VERSION
           || verdict == BLOCK_BAD_TRANSACTION || verdict == BLOCK_BAD_TRANSFER;
}

static bool import_block(struct ledger *ledger, struct vm *vm, const struct ranged_block *block,
                         enum import_verdict *verdict, struct error *error)
{
    enum block_verdict of_block;
    if (block->height <= ledger_head(ledger)->number)
        return true;
    if (!ledger_import(ledger, vm, block, &of_block, error))
        return false;
    if (is_bad_transfer(of_block)) {
        *verdict = IMPORT_BAD;
    } else if (of_block != BLOCK_OK) {
        *verdict = IMPORT_DIVERGED;
        (void)error_set(error, ERROR_INVALID, "block %" PRIu64 " is final and invalid here: %s",
                        block->height, block_verdict_text(of_block));
    }
    return true;
}

bool exchange_import_range(struct ledger *ledger, struct vm *vm,
                           const struct block_sync_action *job, enum import_verdict *verdict,
                           struct error *error)
{
    const enum vm_fork fork = ledger_genesis(ledger)->fork;
    const struct signing_domain domain = ledger_signing_domain(ledger);
    struct arena arena = {0};
    struct block_range range;
    struct header first;
    bool ok = true;
    *verdict = IMPORT_DONE;
    if (job->first + job->count - 1 <= ledger_head(ledger)->number)
        return true;
    if (!decode_range(fork, job, &arena, &range, &first)
        || block_range_check(&range, fork, &first.parent_hash, job->first - 1, &domain,
                             ledger_epoch_record(ledger))
               != FINALITY_OK)
        *verdict = IMPORT_BAD;
    for (unsigned i = 0; ok && *verdict == IMPORT_DONE && i < range.count; i++)
        ok = import_block(ledger, vm, &range.blocks[i], verdict, error);
    if (ok && *verdict == IMPORT_DONE && range.blocks[range.count - 1].finalization == NULL)
        ledger_await(ledger, &range.proof.finalization);
    arena_cleanup(&arena);
    return ok;
}

/* ---- Seals ----------------------------------------------------------------------------------- */

bool exchange_follow_seals(struct seal_chain *chain, const struct seals_action *job)
{
    struct sync_message message;
    return sync_message_decode(&message, job->answer)
           && seal_chain_follow(chain, message.span.content) == FINALITY_OK
           && chain->record.epoch == job->first + job->count;
}

struct seals_progress exchange_seals_progress(const struct seal_chain *chain)
{
    return (struct seals_progress){.confirmed = chain->confirmed.epoch,
                                   .epoch = chain->record.epoch,
                                   .record = epoch_record_hash(&chain->record),
                                   .agree = exchange_agree(&chain->record)};
}

unsigned exchange_agree(const struct epoch_record *record)
{
    return thresholds_of(record->committee_size, record->quorum).liars_live + 1;
}
