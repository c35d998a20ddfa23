#include "node/consensus/simplex/state.h"

#include <stdlib.h>

static struct known_block *find_block(const struct simplex *s, const hash256 *hash)
{
    for (size_t i = 0; i < s->blocks_count; i++)
        if (hash256_equal(&s->blocks[i].info.hash, hash))
            return &s->blocks[i];
    return NULL;
}

bool simplex_knows_block(const struct simplex *s, const hash256 *hash)
{
    return find_block(s, hash) != NULL;
}

void simplex_forget_block(struct simplex *s, const hash256 *hash)
{
    struct known_block *block = find_block(s, hash);
    if (block != NULL)
        *block = s->blocks[--s->blocks_count];
}

struct known_block *simplex_need_block(struct simplex *s, const hash256 *hash)
{
    struct known_block *found = find_block(s, hash);
    if (found != NULL)
        return found;
    if (s->blocks_count == s->blocks_capacity) {
        s->blocks_capacity = s->blocks_capacity == 0 ? 8 : 2 * s->blocks_capacity;
        s->blocks = memory_resize(s->blocks, s->blocks_capacity * sizeof *s->blocks);
    }
    s->blocks[s->blocks_count] = (struct known_block){.info.hash = *hash};
    return &s->blocks[s->blocks_count++];
}

bool simplex_is_final_block(const struct simplex *s, const hash256 *hash)
{
    return hash256_equal(&s->final.hash, hash);
}

enum verdict simplex_verdict_of(struct simplex *s, const hash256 *hash)
{
    if (simplex_is_final_block(s, hash))
        return VERDICT_VALID;
    const struct known_block *block = find_block(s, hash);
    return block == NULL ? VERDICT_UNKNOWN : block->verdict;
}

const struct simplex_block *simplex_info_of(struct simplex *s, const hash256 *hash)
{
    if (simplex_is_final_block(s, hash))
        return &s->final;
    const struct known_block *block = find_block(s, hash);
    return block != NULL && block->has_info ? &block->info : NULL;
}

void simplex_append_want(const struct simplex *s, const hash256 *hash, struct simplex_queue *out)
{
    struct simplex_action *want = simplex_append(out, SIMPLEX_WANT_BLOCK);
    want->block = *hash;
    want->to = SIMPLEX_ALL;
    for (size_t i = 0; i < s->rounds_count; i++) { /* the highest view that names it counts */
        const struct round *round = s->rounds[i];
        if (!round_names(round, hash))
            continue;
        want->view = round->view;
        want->to = simplex_leader_of(s, round->view);
        if (round_certifies(round, hash))
            memcpy(want->signers, round_block_certificate(round)->bitmap, sizeof want->signers);
    }
    if (want->view == 0) /* a parent: needed as long as anything above it */
        want->view = s->view;
}

void simplex_want_block(struct simplex *s, const hash256 *hash, struct simplex_queue *out)
{
    if (simplex_is_final_block(s, hash))
        return;
    struct known_block *block = simplex_need_block(s, hash);
    if (block->was_wanted || block->has_info)
        return;
    block->was_wanted = true;
    simplex_append_want(s, hash, out);
}

void simplex_on_block(struct simplex *s, const struct simplex_block *info, uint64_t now_ms,
                      struct simplex_queue *out)
{
    if (info->height <= s->final.height)
        return;
    struct known_block *block = simplex_need_block(s, &info->hash);
    block->info = *info;
    block->has_info = true;
    if (info->height > s->final.height + 1 && info->height <= s->final.height + CHAIN_MAX)
        simplex_want_block(s, &info->parent, out); /* without it this one is never executed */
    simplex_try_notarize(s, simplex_need_round(s, s->view), now_ms, out);
}

bool simplex_is_certified(const struct simplex *s, const hash256 *block)
{
    for (size_t i = 0; i < s->rounds_count; i++)
        if (round_certifies(s->rounds[i], block))
            return true;
    return false;
}

void simplex_on_executed(struct simplex *s, const hash256 *hash, bool is_valid, uint64_t now_ms,
                         struct simplex_queue *out)
{
    struct known_block *block = find_block(s, hash);
    if (block == NULL || !block->has_info || block->verdict != VERDICT_UNKNOWN)
        return; /* a verdict is stable (R5) */
    block->verdict = is_valid ? VERDICT_VALID : VERDICT_INVALID;
    if (!is_valid && simplex_is_certified(s, hash))
        simplex_halt(s, hash, out);
    for (size_t i = 0; i < s->rounds_count; i++) /* may be for a view that we have left */
        simplex_try_finalize(s, s->rounds[i], now_ms, out);
    simplex_try_notarize(s, simplex_need_round(s, s->view), now_ms, out);
    if (s->has_pending_final) {
        const struct certificate pending = certificate_copy(&s->pending_final);
        simplex_set_final(s, &pending, out);
        free(pending.signatures);
    }
    simplex_try_propose(s, now_ms, out);
}
