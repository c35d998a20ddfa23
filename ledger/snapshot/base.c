#include "ledger/snapshot/base.h"

#include "vm/base/error.h"

#define RECEIPT_SIZE_MIN 259 /* a bloom and its header */

/* A block in geth's form (EIP-7934), its extras, headers and counters; a byte of a log takes 8 gas,
 * and a receipt of some 300 bytes is of a transaction of 21,000 at least. */
#define SIZE_BESIDE_RECEIPTS 16777216

size_t base_size_max(const struct header *header)
{
    return SIZE_BESIDE_RECEIPTS + (size_t)(header->gas_limit / 4);
}

/* ---- Encoding ------------------------------------------------------------------------------ */

static void put_counters(const struct snapshot_base *base, struct buffer *out)
{
    const size_t supply = rlp_open_list(out);
    rlp_put_u256(out, &base->supply.issued);
    rlp_put_u256(out, &base->supply.reissued);
    rlp_put_u256(out, &base->supply.burnt);
    rlp_put_u256(out, &base->supply.retired);
    rlp_put_u256(out, &base->supply.destroyed);
    rlp_close_list(out, supply);
    rlp_put_u64(out, base->tail_left);
    const size_t reveals = rlp_open_list(out);
    for (unsigned i = 0; i < base->members; i++) {
        const size_t member = rlp_open_list(out);
        rlp_put_u64(out, base->reveals[i].used);
        rlp_put_hash(out, &base->reveals[i].last);
        rlp_close_list(out, member);
    }
    rlp_close_list(out, reveals);
}

void base_encode(const struct snapshot_base *base, struct buffer *out)
{
    struct buffer receipt = {0};
    const size_t list = rlp_open_list(out);
    put_counters(base, out);
    const size_t headers = rlp_open_list(out);
    for (size_t i = 0; i < base->headers_count; i++)
        buffer_append_bytes(out, base->headers[i]);
    rlp_close_list(out, headers);
    buffer_append_bytes(out, base->container);
    const size_t receipts = rlp_open_list(out);
    for (size_t i = 0; i < base->receipts_count; i++) {
        buffer_clear(&receipt);
        receipt_encode(&base->receipts[i], &receipt);
        rlp_put_string(out, buffer_view(&receipt));
    }
    rlp_close_list(out, receipts);
    rlp_close_list(out, list);
    buffer_cleanup(&receipt);
}

/* ---- Decoding ------------------------------------------------------------------------------ */

static void read_counters(struct rlp_reader *in, struct snapshot_base *base)
{
    struct rlp_reader supply = rlp_list(in);
    base->supply.issued = rlp_u256(&supply);
    base->supply.reissued = rlp_u256(&supply);
    base->supply.burnt = rlp_u256(&supply);
    base->supply.retired = rlp_u256(&supply);
    base->supply.destroyed = rlp_u256(&supply);
    rlp_leave(in, &supply);
    base->tail_left = rlp_u64(in);
    struct rlp_reader reveals = rlp_list(in);
    while (rlp_has_more(&reveals) && base->members < COMMITTEE_SIZE_MAX) {
        struct reveal_progress *progress = &base->reveals[base->members++];
        struct rlp_reader member = rlp_list(&reveals);
        progress->used = rlp_u64(&member);
        rlp_fixed(&member, progress->last.bytes, sizeof progress->last.bytes);
        rlp_leave(&reveals, &member);
    }
    rlp_leave(in, &reveals);
}

static void read_headers(struct rlp_reader *in, struct snapshot_base *base, struct arena *arena)
{
    struct rlp_reader list = rlp_list(in);
    base->headers = arena_array(arena, BASE_HEADERS_MAX, sizeof *base->headers);
    while (rlp_has_more(&list) && base->headers_count < BASE_HEADERS_MAX) {
        if (!rlp_is_list(&list))
            rlp_fail(&list, RLP_WRONG_KIND);
        base->headers[base->headers_count++] = rlp_item(&list);
    }
    rlp_leave(in, &list);
}

/* False if one of the strings is no receipt. */
static bool read_receipts(struct rlp_reader *in, struct snapshot_base *base, struct arena *arena)
{
    struct rlp_reader list = rlp_list(in);
    bool ok = true;
    base->receipts = arena_array(arena, list.left / RECEIPT_SIZE_MIN, sizeof *base->receipts);
    while (ok && rlp_has_more(&list)) {
        const struct bytes encoded = rlp_string(&list);
        ok = encoded.size >= RECEIPT_SIZE_MIN
             && receipt_decode(&base->receipts[base->receipts_count], encoded, arena);
        base->receipts_count += ok;
    }
    rlp_leave(in, &list);
    return ok;
}

bool base_decode(struct snapshot_base *base, struct bytes encoded, struct arena *arena,
                 struct error *error)
{
    *base = (struct snapshot_base){0};
    struct rlp_reader in = rlp_reader_over(encoded);
    struct rlp_reader fields = rlp_list(&in);
    read_counters(&fields, base);
    read_headers(&fields, base, arena);
    if (!rlp_is_list(&fields))
        rlp_fail(&fields, RLP_WRONG_KIND);
    base->container = rlp_item(&fields);
    if (!read_receipts(&fields, base, arena))
        return error_set(error, ERROR_INVALID, "base of a snapshot: receipt %zu is malformed",
                         base->receipts_count);
    rlp_leave(&in, &fields);
    if (!rlp_finished(&in))
        return error_set(error, ERROR_INVALID, "base of a snapshot: malformed (%s)",
                         rlp_verdict_text(in.verdict));
    return base->headers_count > 0
           || error_set(error, ERROR_INVALID, "base of a snapshot: no headers");
}
