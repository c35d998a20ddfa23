#include "node/block_stream.h"

#include <inttypes.h>

#include "vm/base/cursor.h"

#define RECORD_PARTS 3

static void append_part(struct buffer *out, struct bytes part)
{
    buffer_append_u32_be(out, (uint32_t)part.size);
    buffer_append_bytes(out, part);
}

static void append_certificate(struct buffer *out, const struct certificate *certificate)
{
    struct buffer encoded = {0};
    if (certificate != NULL)
        certificate_encode(certificate, &encoded);
    append_part(out, buffer_view(&encoded));
    buffer_cleanup(&encoded);
}

static bool collect_one(struct ledger *ledger, const struct ledger_view *view, uint64_t height,
                        struct buffer *out, struct error *error)
{
    struct arena arena = {0};
    struct header header;
    struct certificate finalization;
    hash256 hash;
    bool has_own;
    bool ok = view_header(view, height, &header, &hash, error)
              && view_finalization(view, height, &arena, &finalization, &has_own, error);

    if (ok) {
        struct bytes container = ledger_container(ledger, &hash, &arena);
        ok = container.data != NULL
             || error_set(error, ERROR_CORRUPT,
                          "block %" PRIu64 " has no body in the store; run "
                          "lnode check",
                          height);
        if (ok) {
            append_part(out, container);
            append_certificate(out, NULL);
            append_certificate(out, has_own ? &finalization : NULL);
        }
    }
    arena_cleanup(&arena);
    return ok;
}

bool block_stream_collect(struct ledger *ledger, uint64_t height, size_t count_max, size_t size_max,
                          struct buffer *out, uint64_t *next, struct error *error)
{
    struct ledger_view *view = ledger_view_open(ledger, error);
    bool ok = view != NULL;

    if (ok && height < view_earliest(view))
        ok = error_set(error, ERROR_UNSUPPORTED,
                       "a backup holds every block, and this node joined at block %" PRIu64
                       ": make it on a member that has the ledger from block 1 on",
                       view_earliest(view));

    *next = height;
    while (ok && *next <= view_head(view) && *next - height < count_max && out->size < size_max) {
        ok = collect_one(ledger, view, *next, out, error);
        if (ok)
            (*next)++;
    }
    ledger_view_close(view);
    return ok;
}

bool block_stream_record_size(struct bytes records, size_t *size, struct error *error)
{
    size_t total = 0;

    *size = 0;
    for (unsigned part = 0; part < RECORD_PARTS; part++) {
        if (records.size < total + 4)
            return true;
        struct cursor in = cursor_over(records.data + total, 4);
        uint32_t part_size = cursor_u32_be(&in);
        if (part_size > BLOCK_RECORD_SIZE_MAX)
            return error_set(error, ERROR_CORRUPT,
                             "a block record says it has a part of %" PRIu32 " bytes, more than a "
                             "record can have",
                             part_size);
        total += 4 + (size_t)part_size;
    }
    if (records.size >= total)
        *size = total;
    return true;
}

static bool make_final(struct ledger *ledger, const hash256 *block, struct bytes encoded,
                       struct arena *arena, struct error *error)
{
    struct signing_domain domain = ledger_signing_domain(ledger);
    struct certificate finalization;

    if (!certificate_decode(&finalization, encoded, arena))
        return error_set(error, ERROR_CORRUPT, "its certificate is not in its format");
    enum finality_verdict verdict =
        certificate_check(&finalization, &domain, ledger_epoch_record(ledger));
    if (verdict == FINALITY_OK && finalization.kind != MESSAGE_FINALIZE)
        verdict = FINALITY_WRONG_KIND;
    if (verdict == FINALITY_OK && !hash256_equal(&finalization.block_hash, block))
        verdict = FINALITY_WRONG_BLOCK;
    if (verdict != FINALITY_OK)
        return error_set(error, ERROR_CORRUPT, "its certificate is not good: %s",
                         finality_verdict_text(verdict));
    return ledger_commit(ledger, block, &finalization, error);
}

bool block_stream_apply(struct ledger *ledger, struct vm *machine, struct bytes record,
                        bool *is_final, struct error *error)
{
    struct cursor in = cursor_over(record.data, record.size);
    struct bytes container = cursor_take(&in, cursor_u32_be(&in));
    struct arena arena = {0};
    enum block_verdict verdict;
    hash256 block;

    cursor_take(&in, cursor_u32_be(&in));
    struct bytes finalization = cursor_take(&in, cursor_u32_be(&in));
    if (!cursor_finished(&in))
        return error_set(error, ERROR_CORRUPT, "the record is cut short");
    if (!ledger_validate(ledger, machine, container, &verdict, &block, error))
        return false;
    if (verdict != BLOCK_OK)
        return error_set(error, ERROR_CORRUPT, "the block is not valid: %s",
                         block_verdict_text(verdict));
    *is_final = finalization.size > 0;
    bool ok = !*is_final || make_final(ledger, &block, finalization, &arena, error);
    arena_cleanup(&arena);
    return ok;
}
