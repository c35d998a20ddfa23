#include "ledger/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "ledger/chain/seal.h"
#include "ledger/chain/seal_chain.h"
#include "ledger/history/history.h"

/* How a stored block stands between its neighbours. */
struct walk {
    const struct epoch *epoch;   /* of the next block */
    struct header_record parent; /* of the block before; unused at 0 */
    struct reveal_progress reveals[COMMITTEE_SIZE_MAX];
    unsigned uncertified; /* blocks since the last one with a FINALIZATION */
};

void check_found(struct check *check, const char *format, ...)
{
    char line[ERROR_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (check->findings++ < CHECK_FINDINGS_MAX)
        buffer_append_format(check->report, "%s\n", line);
}

bool check_note(struct check *check, const struct error *error)
{
    if (error->code != ERROR_CORRUPT && error->code != ERROR_NOT_FOUND)
        return false;
    check_found(check, "%s", error->text);
    return true;
}

static void check_header(struct check *check, const struct walk *walk,
                         const struct header_record *record)
{
    const struct ledger *ledger = check->view->ledger;
    const struct header *header = &record->header;
    const hash256 hash = header_hash(header, header_fork(ledger));
    if (!hash256_equal(&hash, &record->hash))
        check_found(check, "block %" PRIu64 ": its header does not hash to its stored hash",
                    header->number);
    if (header->number == 0)
        return;
    if (!hash256_equal(&header->parent_hash, &walk->parent.hash))
        check_found(check, "block %" PRIu64 ": its parent hash is not the block before",
                    header->number);
    if (header_time_ms(header) <= header_time_ms(&walk->parent.header))
        check_found(check, "block %" PRIu64 ": not later than the block before", header->number);
    if (!hash256_equal(&header->parent_beacon_block_root, &walk->epoch->rules.record_hash))
        check_found(check, "block %" PRIu64 ": names another epoch record", header->number);
}

static bool check_index(struct check *check, const struct block *block, struct error *error)
{
    const struct store_at at = view_at(check->view);
    uint64_t height = 0;
    bool found = false;
    if (!record_load_height(at, &block->hash, &height, &found, error))
        return check_note(check, error);
    if (!found || height != block->header.number)
        check_found(check, "block %" PRIu64 ": not found by its hash", block->header.number);
    for (size_t i = 0; i < block->transactions_count; i++) {
        struct transaction_place place = {0};
        if (!record_load_place(at, &block->transactions[i].hash, &place, &found, error)) {
            if (!check_note(check, error))
                return false;
        } else if (!found || place.height != block->header.number || place.index != i) {
            check_found(check, "block %" PRIu64 ": transaction %zu is not found by its hash",
                        block->header.number, i);
        }
    }
    return true;
}

static void check_senders(struct check *check, const struct block *block)
{
    for (size_t i = 0; i < block->transactions_count; i++) {
        struct transaction again = block->transactions[i];
        if (transaction_recover(&again) != TRANSACTION_OK
            || !address_equal(&again.sender, &block->transactions[i].sender))
            check_found(check,
                        "block %" PRIu64 ": the stored sender of transaction %zu is not who "
                        "signed it",
                        block->header.number, i);
    }
}

static bool check_receipts(struct check *check, const struct block *block, struct error *error)
{
    struct receipt *receipts;
    size_t count;
    if (!view_receipts(check->view, block->header.number, &check->arena, &receipts, &count, error))
        return check_note(check, error);
    const hash256 root = candidate_receipts_root(receipts, count);
    uint8_t bloom[BLOOM_SIZE] = {0};
    for (size_t i = 0; i < count; i++)
        for (size_t byte = 0; byte < BLOOM_SIZE; byte++)
            bloom[byte] |= receipts[i].bloom[byte];
    const uint64_t gas = count > 0 ? receipts[count - 1].cumulative_gas_used : 0;
    if (count != block->transactions_count || !hash256_equal(&root, &block->header.receipts_root)
        || gas != block->header.gas_used
        || memcmp(bloom, block->header.logs_bloom, sizeof bloom) != 0)
        check_found(check, "block %" PRIu64 ": receipts do not match the header",
                    block->header.number);
    return true;
}

/* Every entry that the block asks for is there as it should be; that there are no others is told by
 * their number. */
static bool check_history_of(struct check *check, const struct block *block, struct error *error)
{
    const struct ledger *ledger = check->view->ledger;
    struct receipt *receipts;
    size_t receipts_count, count;
    if (!view_receipts(check->view, block->header.number, &check->arena, &receipts, &receipts_count,
                       error))
        return check_note(check, error);
    if (receipts_count != block->transactions_count)
        return true; /* told by check_receipts() */
    for (size_t i = 0; i < block->transactions_count; i++)
        transaction_recover_authorities(&block->transactions[i]);
    const struct history_entry *entries =
        history_of_block(block, receipts, &ledger->genesis, &check->arena, &count);
    struct buffer value = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        const struct store_key key =
            key_history(&entries[i].account, block->header.number, entries[i].index);
        uint8_t roles = 0;
        bool found = false;
        buffer_clear(&value);
        ok = store_get(ledger->store, check->view->moment->snapshot, key_view(&key), &value, &found,
                       error);
        if (ok && found && !history_decode_roles(buffer_view(&value), &roles, error))
            ok = check_note(check, error);
        else if (ok && (!found || roles != entries[i].roles))
            check_found(check, "block %" PRIu64 ": the history of an account is not as it says",
                        block->header.number);
    }
    buffer_cleanup(&value);
    check->history_entries += count;
    return ok || check_note(check, error);
}

/* A block has a FINALIZATION of its own, or one of its next descendants has. */
static bool check_finalization(struct check *check, struct walk *walk, const struct block *block,
                               struct error *error)
{
    const struct epoch_record *record = &walk->epoch->record;
    const struct signing_domain domain = {check->view->ledger->chain_id, check->view->ledger->id,
                                          record->epoch, walk->epoch->committee};
    const uint64_t height = block->header.number;
    struct certificate certificate;
    bool has_own;
    if (!view_finalization(check->view, height, &check->arena, &certificate, &has_own, error))
        return check_note(check, error);
    walk->uncertified = has_own ? 0 : walk->uncertified + 1;
    if (walk->uncertified == FINALITY_PROOF_HEADERS_MAX)
        check_found(check,
                    "block %" PRIu64 ": neither it nor any of the %d blocks before has a "
                    "FINALIZATION",
                    height, FINALITY_PROOF_HEADERS_MAX - 1);
    if (!has_own)
        return true;
    const enum finality_verdict verdict = certificate_check(&certificate, &domain, record);
    if (verdict != FINALITY_OK)
        check_found(check, "block %" PRIu64 ": %s", height, finality_verdict_text(verdict));
    else if (!hash256_equal(&certificate.block_hash, &block->hash))
        check_found(check, "block %" PRIu64 ": a certificate names another block", height);
    else if (certificate.kind != MESSAGE_FINALIZE)
        check_found(check, "block %" PRIu64 ": its certificate is no FINALIZATION", height);
    return true;
}

static void check_reveal(struct check *check, struct walk *walk, const struct block *block)
{
    struct extra_data extra;
    const hash256 mix = reveal_mix(&walk->parent.header.mix_hash, &block->reveal);
    if (!extra_data_decode(&extra, &block->header)
        || !hash256_equal(&mix, &block->header.mix_hash)) {
        check_found(check, "block %" PRIu64 ": extraData or mixHash do not fit",
                    block->header.number);
        return;
    }
    struct reveal_progress *progress =
        &walk->reveals[rules_leader(&walk->epoch->rules, extra.view)];
    if (!reveal_is_next(progress, &block->reveal))
        check_found(check, "block %" PRIu64 ": its reveal is not the one due",
                    block->header.number);
    progress->last = block->reveal;
    progress->used++;
}

/* A seal's record is the one that is stored, and the walk goes on in its epoch. */
static bool check_seal(struct check *check, struct walk *walk, const struct block *block,
                       const struct supply *supply, struct error *error)
{
    const struct epoch *before = walk->epoch;
    const uint64_t height = block->header.number;
    struct epoch_record next;
    if (seal_read(block->requests.data[REQUEST_CONSOLIDATIONS], &before->record, &check->arena,
                  &next)
        != SEAL_READ)
        return true;
    seal_complete(&next, &before->record, &block->header, &block->hash, supply);
    const hash256 hash = epoch_record_hash(&next);
    if (walk->uncertified > 0)
        check_found(check, "block %" PRIu64 ": a seal without a FINALIZATION of its own", height);
    const struct epoch *epoch = view_epoch_numbered(check->view, next.epoch, error);
    if (epoch == NULL)
        return check_note(check, error);
    if (!hash256_equal(&epoch->rules.record_hash, &hash))
        check_found(check,
                    "epoch %" PRIu64 ": its record does not follow from its seal, block %" PRIu64,
                    next.epoch, height);
    struct reveal_progress reveals[COMMITTEE_SIZE_MAX];
    memcpy(reveals, walk->reveals, sizeof reveals);
    seal_carry_reveals(&before->record, reveals, &epoch->record, walk->reveals);
    walk->epoch = epoch;
    return true;
}

/* Of the block that a snapshot begins with neither the state before nor the reveals before are
 * there: what follows is checked against the counters it came with. */
static bool take_counters(struct check *check, struct walk *walk, uint64_t height,
                          struct error *error)
{
    struct checkpoint_record record;
    bool found = false;
    if (!record_load_checkpoint(view_at(check->view), height, &record, &found, error))
        return check_note(check, error);
    if (!found)
        check_found(check, "block %" PRIu64 ": the ledger begins here, without counters", height);
    else
        memcpy(walk->reveals, record.reveals, sizeof walk->reveals);
    const struct epoch *epoch = view_epoch_at(check->view, height + 1, error);
    if (epoch == NULL)
        return check_note(check, error);
    walk->epoch = epoch;
    return true;
}

static bool check_block(struct check *check, struct walk *walk, uint64_t height,
                        struct error *error)
{
    struct block block;
    struct header_record record;
    bool found = false;
    if (!record_load_header(view_at(check->view), header_fork(check->view->ledger), height, &record,
                            &found, error)
        || !view_block(check->view, height, &check->arena, &block, error))
        return check_note(check, error);
    check_header(check, walk, &record);
    if (block_parts_match(&block, header_fork(check->view->ledger)) != BLOCK_OK)
        check_found(check, "block %" PRIu64 ": its parts do not match its header", height);
    check_senders(check, &block);
    if (!check_index(check, &block, error) || !check_receipts(check, &block, error)
        || !check_history_of(check, &block, error))
        return false;
    if (height == check->view->ledger->earliest) {
        if (height > 0 && !take_counters(check, walk, height, error))
            return false;
    } else {
        check_reveal(check, walk, &block);
        if (!check_finalization(check, walk, &block, error)
            || (check->vm != NULL && !check_execution(check, &walk->epoch->rules, &block, error)))
            return false;
        if (!check_seal(check, walk, &block, &record.supply, error))
            return false;
    }
    check->transactions += block.transactions_count;
    walk->parent = record;
    return true;
}

static void check_head(struct check *check, const struct walk *walk)
{
    const struct head_record *head = &check->view->moment->head;
    if (!hash256_equal(&walk->parent.hash, &head->hash))
        check_found(check, "head: names another block than the newest");
    if (walk->uncertified > 0)
        check_found(check, "head: has no FINALIZATION");
    if (head->epoch != walk->epoch->record.epoch
        || head->members != walk->epoch->record.committee_size) {
        check_found(check, "head: names another epoch than that of the newest block");
        return;
    }
    for (unsigned i = 0; i < head->members; i++)
        if (head->reveals[i].used != walk->reveals[i].used
            || !hash256_equal(&head->reveals[i].last, &walk->reveals[i].last))
            check_found(check, "head: member %u's last reveal is not that of its last block", i);
}

/* Headers before the first block of a ledger that began with a snapshot: BLOCKHASH reads them. */
static bool check_headers_before(struct check *check, struct walk *walk, struct error *error)
{
    const struct ledger *ledger = check->view->ledger;
    const uint64_t first = ledger->earliest > 255 ? ledger->earliest - 255 : 0;
    for (uint64_t height = first; height < ledger->earliest; height++) {
        struct header_record record;
        bool found = false;
        if (!record_load_header(view_at(check->view), header_fork(ledger), height, &record, &found,
                                error))
            return check_note(check, error);
        const hash256 hash =
            found ? header_hash(&record.header, header_fork(ledger)) : (hash256){{0}};
        if (!found || !hash256_equal(&hash, &record.hash)
            || (height > first && !hash256_equal(&record.header.parent_hash, &walk->parent.hash)))
            check_found(check, "block %" PRIu64 ": its header is missing, or not the right one",
                        height);
        walk->parent = record;
    }
    return true;
}

static bool check_blocks(struct check *check, struct error *error)
{
    struct walk walk = {.epoch = view_epoch_at(check->view, check->view->ledger->earliest, error)};
    if (walk.epoch == NULL)
        return check_note(check, error);
    const struct epoch_record *record = &walk.epoch->record;
    for (unsigned i = 0; i < record->committee_size; i++)
        walk.reveals[i].last = record->committee[i].reveal_commitment;
    if (!check_headers_before(check, &walk, error))
        return false;
    for (uint64_t height = check->view->ledger->earliest;
         height <= check->view->moment->head.height; height++) {
        if (!check_block(check, &walk, height, error))
            return false;
        arena_reset(&check->arena);
    }
    check_head(check, &walk);
    return true;
}

static bool check_history(struct check *check, struct error *error)
{
    const struct ledger *ledger = check->view->ledger;
    struct store_iterator *keys = store_iterator_new(ledger->store, check->view->moment->snapshot);
    const struct store_key first = key_of(KEY_HISTORY);
    uint64_t entries = 0, height = 0;
    bool found = false;
    for (store_iterator_seek(keys, key_view(&first));
         store_iterator_valid(keys) && store_iterator_key(keys).data[0] == KEY_HISTORY;
         store_iterator_next(keys))
        entries++;
    bool ok = store_iterator_ok(keys, error);
    store_iterator_free(keys);
    ok = ok && history_load_height(view_at(check->view), &height, &found, error);
    if (!ok)
        return check_note(check, error);
    if (entries != check->history_entries)
        check_found(check,
                    "history: %" PRIu64 " entries of accounts, expected %" PRIu64 " of all blocks",
                    entries, check->history_entries);
    if (!found || height != check->view->moment->head.height)
        check_found(check, "history: does not go up to the head");
    return true;
}

/* From the first epoch on each link proves the next record, whatever is left of its blocks. */
static bool check_links(struct check *check, struct error *error)
{
    const struct ledger *ledger = check->view->ledger;
    const struct epoch *epoch = view_epoch_numbered(check->view, 1, error);
    for (uint64_t number = 2; epoch != NULL && number <= check->view->moment->epoch->record.epoch;
         number++) {
        const struct signing_domain domain = {ledger->chain_id, ledger->id, epoch->record.epoch,
                                              epoch->committee};
        struct buffer encoded = {0};
        struct seal_link link;
        struct epoch_record next;
        enum finality_verdict verdict = FINALITY_BAD_ENCODING;
        bool ok = record_load_link(view_at(check->view), number, &encoded, error);
        if (ok
            && seal_link_decode(&link, header_fork(ledger),
                                arena_copy(&check->arena, buffer_view(&encoded)), &check->arena))
            verdict = seal_link_check(&link, &epoch->record, &domain, &check->arena, &next);
        buffer_cleanup(&encoded);
        if (ok && verdict != FINALITY_OK)
            check_found(check, "epoch %" PRIu64 ": its link to the one before: %s", number,
                        finality_verdict_text(verdict));
        epoch = ok ? view_epoch_numbered(check->view, number, error) : NULL;
        if (epoch == NULL)
            break;
        const hash256 hash = verdict == FINALITY_OK ? epoch_record_hash(&next) : (hash256){{0}};
        if (verdict == FINALITY_OK && !hash256_equal(&hash, &epoch->rules.record_hash))
            check_found(check, "epoch %" PRIu64 ": its link proves another record", number);
        arena_reset(&check->arena);
    }
    return epoch != NULL || check_note(check, error);
}

bool ledger_check(struct ledger *ledger, struct vm *vm, struct buffer *report, struct error *error)
{
    struct check check = {.vm = vm, .report = report};
    check.view = ledger_view_open(ledger, error);
    if (check.view == NULL)
        return false;
    const bool ok = check_blocks(&check, error) && check_links(&check, error)
                    && check_history(&check, error) && check_state(&check, error)
                    && check_past(&check, error);
    arena_cleanup(&check.arena);
    buffer_append_format(report,
                         "checked %" PRIu64 " blocks, %" PRIu64 " transactions, %" PRIu64
                         " accounts, %" PRIu64 " storage slots: ",
                         check.view->moment->head.height - ledger->earliest + 1, check.transactions,
                         check.accounts, check.slots);
    if (ok && check.findings == 0)
        buffer_append_text(report, "all is right\n");
    else
        buffer_append_format(report, "%" PRIu64 " findings\n", check.findings);
    ledger_view_close(check.view);
    if (ok && check.findings > 0)
        return error_set(error, ERROR_CORRUPT,
                         "the store has %" PRIu64 " findings; move it aside and restore a backup",
                         check.findings);
    return ok;
}
