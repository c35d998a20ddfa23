#include "node/replica/state.h"

#include <stdlib.h>

struct held_block *replica_find_block(const struct replica *replica, const hash256 *hash)
{
    for (size_t i = 0; i < replica->blocks_count; i++)
        if (hash256_equal(&replica->blocks[i]->info.hash, hash))
            return replica->blocks[i];
    return NULL;
}

static void drop_at(struct replica *replica, size_t at)
{
    buffer_cleanup(&replica->blocks[at]->body);
    free(replica->blocks[at]);
    replica->blocks_count--;
    memmove(&replica->blocks[at], &replica->blocks[at + 1],
            (replica->blocks_count - at) * sizeof *replica->blocks);
}

void replica_free_blocks(struct replica *replica)
{
    while (replica->blocks_count > 0)
        drop_at(replica, replica->blocks_count - 1);
}

static bool has_child(const struct replica *replica, const struct held_block *block)
{
    for (size_t i = 0; i < replica->blocks_count; i++)
        if (replica->blocks[i]->state >= HELD_READ
            && hash256_equal(&replica->blocks[i]->info.parent, &block->info.hash))
            return true;
    return false;
}

/* Whether nothing is lost that others could not send again: no certificate names it, nothing stands
 * on it, and its view is over. */
static bool may_go(const struct replica *replica, const struct held_block *block)
{
    return !simplex_is_certified(replica->engine, &block->info.hash) && !has_child(replica, block)
           && (block->state < HELD_READ || block->info.view + 1 < simplex_view(replica->engine));
}

/* In the order they came; NULL when all are needed. */
static struct held_block *add(struct replica *replica, const hash256 *hash)
{
    for (size_t i = 0; replica->blocks_count == BLOCKS_MAX && i < BLOCKS_MAX; i++)
        if (replica->blocks[i]->state < HELD_EXECUTING && may_go(replica, replica->blocks[i]))
            drop_at(replica, i);
    if (replica->blocks_count == BLOCKS_MAX)
        return NULL;
    struct held_block *block = memory_new_zeroed(1, sizeof *block);
    block->info.hash = *hash;
    block->to = SIMPLEX_ALL;
    return replica->blocks[replica->blocks_count++] = block;
}

/* ---- From a hash to a body ------------------------------------------------------------------ */

static void ask_for(struct replica *replica, const struct held_block *block, uint64_t now_ms)
{
    struct simplex_action want = {.kind = SIMPLEX_WANT_BLOCK,
                                  .to = block->to,
                                  .view = block->view,
                                  .block = block->info.hash};
    memcpy(want.signers, block->signers, sizeof want.signers);
    resolver_want(replica->resolver, &want, now_ms);
}

void replica_want_block(struct replica *replica, const struct simplex_action *want, uint64_t now_ms,
                        struct replica_queue *out)
{
    struct held_block *block = replica_find_block(replica, &want->block);
    if (block == NULL)
        block = add(replica, &want->block);
    if (block == NULL || block->state != HELD_WANTED)
        return;
    block->view = want->view;
    block->to = want->to;
    memcpy(block->signers, want->signers, sizeof block->signers);
    if (replica->offered != NULL && hash256_equal(replica->offered, &want->block))
        replica_take_body(replica, &want->block, replica->offered_body, replica->offered_by, out);
    else
        ask_for(replica, block, now_ms);
}

static void read_body(struct held_block *block, struct replica_queue *out)
{
    block->state = HELD_READING;
    struct replica_action *read = replica_append(out, REPLICA_READ);
    read->block = block->info.hash;
    read->body = arena_copy(&out->memory, buffer_view(&block->body));
}

void replica_take_body(struct replica *replica, const hash256 *hash, struct bytes body,
                       unsigned from, struct replica_queue *out)
{
    struct held_block *block = replica_find_block(replica, hash);
    if (block == NULL || block->state != HELD_WANTED)
        return;
    buffer_append_bytes(&block->body, body);
    block->from = from;
    resolver_on_block(replica->resolver, hash);
    read_body(block, out);
}

void replica_hold_logged(struct replica *replica, const struct vote_record *record)
{
    struct held_block *block =
        replica_find_block(replica, &record->block) == NULL ? add(replica, &record->block) : NULL;
    if (block == NULL)
        return;
    buffer_append_bytes(&block->body, record->body);
    block->state = HELD_READING;
    block->view = record->view;
    block->from = replica->config.engine.thresholds.members;
    block->is_logged = true;
}

void replica_read_logged(struct replica *replica, struct replica_queue *out)
{
    for (size_t i = 0; i < replica->blocks_count; i++)
        if (replica->blocks[i]->state == HELD_READING)
            read_body(replica->blocks[i], out);
}

/* ---- From a body to a verdict --------------------------------------------------------------- */

/* What came is not the block (R5): no verdict on it. */
static void ask_elsewhere(struct replica *replica, struct held_block *block, uint64_t now_ms)
{
    buffer_cleanup(&block->body);
    block->body = (struct buffer){0};
    block->state = HELD_WANTED;
    block->is_logged = false;
    ask_for(replica, block, now_ms);
    resolver_on_bad_block(replica->resolver, block->from, &block->info.hash, now_ms);
}

void replica_on_read(struct replica *replica, const hash256 *hash, const struct simplex_block *info,
                     uint64_t now_ms, struct replica_queue *out)
{
    struct held_block *block = replica_find_block(replica, hash);
    if (block == NULL || block->state != HELD_READING)
        return;
    if (info == NULL) {
        ask_elsewhere(replica, block, now_ms);
    } else {
        block->info = *info;
        block->state = HELD_READ;
        simplex_on_block(replica->engine, info, now_ms, &replica->queue);
    }
    replica_carry_on(replica, now_ms, out);
}

void replica_hold_built(struct replica *replica, const struct simplex_block *info)
{
    struct held_block *block = replica_find_block(replica, &info->hash);
    if (block == NULL)
        block = add(replica, &info->hash);
    if (block == NULL)
        return;
    buffer_cleanup(&block->body);
    block->body = (struct buffer){0};
    block->info = *info;
    block->state = HELD_VALID;
    resolver_on_block(replica->resolver, &info->hash);
}

/* Whether a certificate names it or a block that stands on it. */
static bool is_certified(const struct replica *replica, const struct held_block *block)
{
    if (simplex_is_certified(replica->engine, &block->info.hash))
        return true;
    for (size_t i = 0; i < replica->blocks_count; i++) /* a hash is over the parent's: this ends */
        if (replica->blocks[i]->state >= HELD_READ
            && hash256_equal(&replica->blocks[i]->info.parent, &block->info.hash)
            && is_certified(replica, replica->blocks[i]))
            return true;
    return false;
}

/* It stands on a valid block. */
static bool may_execute(const struct replica *replica, const struct held_block *block)
{
    const hash256 final = simplex_final_block(replica->engine);
    if (block->state != HELD_READ)
        return false;
    if (hash256_equal(&block->info.parent, &final))
        return true;
    const struct held_block *parent = replica_find_block(replica, &block->info.parent);
    return parent != NULL && parent->state == HELD_VALID;
}

void replica_execute_ready(struct replica *replica, uint64_t now_ms, struct replica_queue *out)
{
    for (size_t i = 0; i < replica->blocks_count; i++) {
        struct held_block *block = replica->blocks[i];
        if (now_ms < block->again_ms || !may_execute(replica, block))
            continue;
        block->state = HELD_EXECUTING;
        struct replica_action *execute = replica_append(out, REPLICA_EXECUTE);
        execute->time_is_right = block->is_logged || is_certified(replica, block);
        execute->block = block->info.hash;
        execute->body = arena_copy(&out->memory, buffer_view(&block->body));
    }
}

void replica_on_executed(struct replica *replica, const hash256 *hash, enum replica_verdict verdict,
                         uint64_t now_ms, struct replica_queue *out)
{
    struct held_block *block = replica_find_block(replica, hash);
    if (block == NULL || block->state != HELD_EXECUTING)
        return;
    if (verdict == REPLICA_NOT_YET) {
        block->state = HELD_READ;
        block->again_ms = now_ms + NOT_YET_MS;
        return;
    }
    if (verdict == REPLICA_BAD_TRANSFER) {
        ask_elsewhere(replica, block, now_ms);
        replica_carry_on(replica, now_ms, out);
        return;
    }
    buffer_cleanup(&block->body);
    block->body = (struct buffer){0};
    block->state = verdict == REPLICA_VALID ? HELD_VALID : HELD_INVALID;
    simplex_on_executed(replica->engine, hash, verdict == REPLICA_VALID, now_ms, &replica->queue);
    replica_carry_on(replica, now_ms, out);
}

uint64_t replica_blocks_next_ms(const struct replica *replica)
{
    uint64_t next = NEVER;
    for (size_t i = 0; i < replica->blocks_count; i++) {
        const struct held_block *block = replica->blocks[i];
        if (block->again_ms > 0 && block->again_ms < next && may_execute(replica, block))
            next = block->again_ms;
    }
    return next;
}

/* ---- Letting go ----------------------------------------------------------------------------- */

static bool is_needed(const struct replica *replica, const struct held_block *block)
{
    if (block->state == HELD_EXECUTING)
        return true; /* its verdict is under way */
    if (block->state >= HELD_READ)
        return block->info.height > simplex_final_height(replica->engine);
    return block->is_logged || simplex_knows_block(replica->engine, &block->info.hash);
}

/* Nobody can vote any more for what was put off with its view; should a certificate name it after
 * all, others have it. */
static bool is_too_late(const struct replica *replica, const struct held_block *block)
{
    return block->state == HELD_READ && block->again_ms > 0 && !block->is_logged
           && may_go(replica, block);
}

/* The oldest block that failed and was executed; or blocks_count. */
static size_t oldest_failed(const struct replica *replica)
{
    size_t oldest = replica->blocks_count;
    for (size_t i = 0; i < replica->blocks_count; i++) {
        const struct held_block *block = replica->blocks[i];
        if (block->state == HELD_VALID && may_go(replica, block)
            && (oldest == replica->blocks_count
                || block->info.view < replica->blocks[oldest]->info.view))
            oldest = i;
    }
    return oldest;
}

void replica_drop_blocks(struct replica *replica, struct replica_queue *out)
{
    size_t executed = 0;
    for (size_t i = replica->blocks_count; i > 0; i--) {
        const struct held_block *block = replica->blocks[i - 1];
        const bool is_late = is_too_late(replica, block);
        if (is_late)
            simplex_forget_block(replica->engine, &block->info.hash);
        if (is_late || !is_needed(replica, block))
            drop_at(replica, i - 1);
        else
            executed += block->state == HELD_VALID;
    }
    for (; executed > EXECUTED_MAX; executed--) {
        const size_t at = oldest_failed(replica);
        if (at == replica->blocks_count)
            return;
        const hash256 hash = replica->blocks[at]->info.hash;
        simplex_forget_block(replica->engine, &hash);
        replica_append(out, REPLICA_DROP)->block = hash;
        drop_at(replica, at);
    }
}
