/* What gas costs: nothing on a ledger with free fees; else the next block's base fee, and tips
 * as the latest blocks show them. */
#include "rpc/methods/methods.h"

#include "rpc/arguments.h"
#include "rpc/scope.h"
#include <inttypes.h>
#include <stdlib.h>

#define TIP_BLOCKS      20 /* looked at, newest first (geth's gas price oracle) */
#define TIP_PER_BLOCK   3  /* the cheapest of each */
#define TIP_PERCENTILE  60
#define HISTORY_MAX     1024 /* blocks an answer covers (geth) */
#define PERCENTILES_MAX 100

static int compare_tips(const void *a, const void *b)
{
    return u256_compare(a, b);
}

static u256 tip_of(const struct transaction *tx, const struct block *block)
{
    u256 price, tip = U256_ZERO;
    transaction_effective_price(tx, &block->header.base_fee, &price, &tip);
    return tip;
}

/* Adds the cheapest tips of one block to `tips`. */
static size_t sample_block(struct call *call, const struct block *block, u256 *tips)
{
    u256 *all = arena_array(call->arena, block->transactions_count, sizeof *all);
    for (size_t index = 0; index < block->transactions_count; index++)
        all[index] = tip_of(&block->transactions[index], block);
    qsort(all, block->transactions_count, sizeof *all, compare_tips);
    size_t count =
        block->transactions_count < TIP_PER_BLOCK ? block->transactions_count : TIP_PER_BLOCK;
    memcpy(tips, all, count * sizeof *tips);
    return count;
}

static bool suggest_tip(struct call *call, u256 *tip)
{
    u256 tips[TIP_BLOCKS * TIP_PER_BLOCK];
    size_t count = 0;
    struct ledger_view *view = call_view(call);
    *tip = U256_ZERO;
    if (view == NULL)
        return false;
    if (ledger_genesis(call->ledger)->fees == FEES_FREE)
        return true;
    uint64_t head = view_head(view), earliest = view_earliest(view);
    for (uint64_t back = 0; back < TIP_BLOCKS && head - back > earliest; back++) {
        const struct block *block;
        if (!call_block(call, head - back, &block, NULL))
            return false;
        count += sample_block(call, block, tips + count);
    }
    if (count == 0)
        return true;
    qsort(tips, count, sizeof *tips, compare_tips);
    *tip = tips[(count - 1) * TIP_PERCENTILE / 100];
    return true;
}

static bool next_base_fee(struct call *call, u256 *base_fee)
{
    struct block_environment next;
    if (!call_next_block(call, &next))
        return false;
    *base_fee = next.base_fee;
    return true;
}

enum call_outcome method_eth_gas_price(struct call *call)
{
    u256 tip, base_fee;
    if (!suggest_tip(call, &tip) || !next_base_fee(call, &base_fee))
        return CALL_FAILED;
    u256 price = u256_add(&tip, &base_fee);
    write_u256(call->out, &price);
    return CALL_ANSWERED;
}

enum call_outcome method_eth_max_priority_fee(struct call *call)
{
    u256 tip;
    if (!suggest_tip(call, &tip))
        return CALL_FAILED;
    write_u256(call->out, &tip);
    return CALL_ANSWERED;
}

/* ---- History ----------------------------------------------------------------------------- */

struct percentiles {
    double values[PERCENTILES_MAX];
    size_t count;
};

static bool read_percentiles(struct call *call, struct percentiles *out)
{
    const json_t *list = call->arguments[2].is_given ? call->arguments[2].json : NULL;
    size_t count = list != NULL ? json_array_size(list) : 0;
    if (count > PERCENTILES_MAX) {
        call_fail(call, RPC_INVALID_PARAMS, "params[2]: %zu percentiles; expected at most %d",
                  count, PERCENTILES_MAX);
        return false;
    }
    for (out->count = 0; out->count < count; out->count++) {
        const json_t *value = json_array_get(list, out->count);
        double number = json_is_number(value) ? json_number_value(value) : -1;
        if (number < 0 || number > 100
            || (out->count > 0 && number < out->values[out->count - 1])) {
            call_fail(call, RPC_INVALID_PARAMS,
                      "params[2][%zu]: found %s; expected numbers from 0 to 100 in rising order",
                      out->count, argument_shown(call, value));
            return false;
        }
        out->values[out->count] = number;
    }
    return true;
}

struct weighted_tip {
    u256 tip;
    uint64_t gas;
};

static int compare_weighted(const void *a, const void *b)
{
    const struct weighted_tip *left = a, *right = b;
    return u256_compare(&left->tip, &right->tip);
}

/* The tip below which a percentile of the block's gas was bought. */
static void write_rewards(struct call *call, const struct block *block,
                          const struct receipt *receipts, const struct percentiles *percentiles)
{
    size_t count = block->transactions_count, at = 0;
    struct weighted_tip *tips = memory_new_zeroed(count, sizeof *tips);
    uint64_t before = 0;
    for (size_t index = 0; index < count; index++) {
        tips[index].tip = tip_of(&block->transactions[index], block);
        tips[index].gas = receipts[index].cumulative_gas_used - before;
        before = receipts[index].cumulative_gas_used;
    }
    qsort(tips, count, sizeof *tips, compare_weighted);
    uint64_t sum = count > 0 ? tips[0].gas : 0;
    write_separator(call->out);
    write_raw(call->out, "[");
    for (size_t index = 0; index < percentiles->count; index++) {
        double threshold = (double)block->header.gas_used * percentiles->values[index] / 100;
        while (at + 1 < count && (double)sum < threshold)
            sum += tips[++at].gas;
        write_separator(call->out);
        u256 tip = count > 0 ? tips[at].tip : U256_ZERO;
        write_u256(call->out, &tip);
    }
    write_raw(call->out, "]");
    free(tips);
}

/* Ratio in [0, 1] with up to 17 digits, as JSON. */
static void write_ratio(struct buffer *out, uint64_t part, uint64_t whole)
{
    write_separator(out);
    buffer_append_format(out, "%.17g", whole == 0 ? 0.0 : (double)part / (double)whole);
}

/* The lists are written side by side, so each block's header is read once. */
struct history {
    struct buffer base_fees, gas_ratios, rewards;
};

static bool add_block(struct call *call, uint64_t height, const struct percentiles *percentiles,
                      struct history *history)
{
    struct ledger_view *view = call_view(call);
    struct header header;
    hash256 hash;
    struct error error = {0};
    if (view == NULL)
        return false;
    if (!view_header(view, height, &header, &hash, &error)) {
        call_fail_with(call, &error);
        return false;
    }
    write_separator(&history->base_fees);
    write_u256(&history->base_fees, &header.base_fee);
    write_ratio(&history->gas_ratios, header.gas_used, header.gas_limit);
    if (percentiles->count == 0)
        return true;
    const struct block *block;
    const struct receipt *receipts;
    if (!call_block(call, height, &block, &receipts))
        return false;
    struct buffer *out = call->out;
    call->out = &history->rewards;
    write_rewards(call, block, receipts, percentiles);
    call->out = out;
    return true;
}

static bool add_following_base_fee(struct call *call, uint64_t newest, struct history *history)
{
    struct ledger_view *view = call_view(call);
    struct header header;
    hash256 hash;
    u256 base_fee;
    struct error error = {0};
    if (newest == view_head(view)) {
        if (!next_base_fee(call, &base_fee))
            return false;
    } else if (view_header(view, newest + 1, &header, &hash, &error)) {
        base_fee = header.base_fee;
    } else {
        call_fail_with(call, &error);
        return false;
    }
    write_separator(&history->base_fees);
    write_u256(&history->base_fees, &base_fee);
    return true;
}

static void append_list(struct buffer *out, const char *key, const struct buffer *items)
{
    write_key_raw(out, key, "[");
    buffer_append_bytes(out, buffer_view(items));
    write_raw(out, "]");
}

static void write_repeated(struct buffer *out, const char *key, const char *json, uint64_t count)
{
    write_key_raw(out, key, "[");
    for (uint64_t index = 0; index < count; index++) {
        write_separator(out);
        write_raw(out, json);
    }
    write_raw(out, "]");
}

static void write_history(struct call *call, uint64_t oldest, uint64_t count, bool with_rewards,
                          const struct history *history)
{
    struct buffer *out = call->out;
    write_raw(out, "{");
    write_key_quantity(out, "oldestBlock", oldest);
    if (with_rewards)
        append_list(out, "reward", &history->rewards);
    append_list(out, "baseFeePerGas", &history->base_fees);
    append_list(out, "gasUsedRatio", &history->gas_ratios);
    write_repeated(out, "baseFeePerBlobGas", "\"0x1\"", count + 1); /* EIP-4844's minimum */
    write_repeated(out, "blobGasUsedRatio", "0", count);
    write_raw(out, "}");
}

static bool is_in_time(struct call *call, uint64_t deadline_ms)
{
    if (scope_now_ms() < deadline_ms)
        return true;
    call_fail(call, RPC_TIMEOUT,
              "the history took longer than %" PRIu64 " ms; ask for fewer blocks or without "
              "percentiles",
              call->limits->call_timeout_ms);
    return false;
}

enum call_outcome method_eth_fee_history(struct call *call)
{
    struct percentiles percentiles;
    struct history history = {0};
    uint64_t newest, count = call->arguments[0].number;
    if (!read_percentiles(call, &percentiles)
        || !call_height(call, &call->arguments[1].block, &newest))
        return CALL_FAILED;
    if (count == 0) {
        write_raw(call->out, "{\"oldestBlock\":\"0x0\",\"baseFeePerGas\":[],\"gasUsedRatio\":[]}");
        return CALL_ANSWERED;
    }
    uint64_t earliest = view_earliest(call->scope->view);
    count = count < HISTORY_MAX ? count : HISTORY_MAX;
    count = count <= newest - earliest ? count : newest - earliest + 1;
    const uint64_t deadline_ms = call_begin_long(call);
    bool ok = true;
    for (uint64_t height = newest + 1 - count; ok && height <= newest; height++)
        ok = is_in_time(call, deadline_ms) && add_block(call, height, &percentiles, &history);
    ok = ok && add_following_base_fee(call, newest, &history);
    if (ok)
        write_history(call, newest + 1 - count, count, percentiles.count > 0, &history);
    buffer_cleanup(&history.base_fees);
    buffer_cleanup(&history.gas_ratios);
    buffer_cleanup(&history.rewards);
    return ok ? CALL_ANSWERED : CALL_FAILED;
}

enum call_outcome method_eth_base_fee(struct call *call)
{
    u256 base_fee;
    if (!next_base_fee(call, &base_fee))
        return CALL_FAILED;
    write_u256(call->out, &base_fee);
    return CALL_ANSWERED;
}

/* The least there is: blobs are refused. */
enum call_outcome method_eth_blob_base_fee(struct call *call)
{
    struct block_environment next;
    if (!call_next_block(call, &next))
        return CALL_FAILED;
    write_u256(call->out, &next.blob_base_fee);
    return CALL_ANSWERED;
}
