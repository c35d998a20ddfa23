#include "node/consensus/simplex/state.h"

#include <stdlib.h>

/* Whether a view above the final one names the block. */
static bool is_named(const struct simplex *s, const hash256 *block)
{
    for (size_t i = 0; i < s->rounds_count; i++)
        if (round_names(s->rounds[i], block))
            return true;
    return false;
}

static void prune(struct simplex *s)
{
    const size_t gone = simplex_round_place(s, s->final_view + 1);
    for (size_t i = 0; i < gone; i++)
        round_free(s->rounds[i]);
    memmove(s->rounds, s->rounds + gone, (s->rounds_count - gone) * sizeof *s->rounds);
    s->rounds_count -= gone;
    size_t kept = 0;
    for (size_t i = 0; i < s->blocks_count; i++)
        if (s->blocks[i].has_info ? s->blocks[i].info.height > s->final.height
                                  : is_named(s, &s->blocks[i].info.hash))
            s->blocks[kept++] = s->blocks[i];
    s->blocks_count = kept;
}

/* The blocks from above F up to `hash`, lowest first; false when not all are valid here. */
static bool chain_to(struct simplex *s, hash256 hash, hash256 chain[], size_t chain_max,
                     size_t *count)
{
    for (*count = 0; !simplex_is_final_block(s, &hash); (*count)++) {
        if (simplex_verdict_of(s, &hash) != VERDICT_VALID || *count == chain_max)
            return false;
        chain[*count] = hash;
        hash = simplex_info_of(s, &hash)->parent;
    }
    for (size_t i = 0; i < *count / 2; i++) {
        const hash256 swapped = chain[i];
        chain[i] = chain[*count - 1 - i];
        chain[*count - 1 - i] = swapped;
    }
    return true;
}

static void keep_pending(struct simplex *s, const struct certificate *finalization,
                         struct simplex_queue *out)
{
    if (!s->has_pending_final || finalization->view > s->pending_final.view) {
        struct certificate copy = certificate_copy(finalization);
        if (s->has_pending_final)
            free(s->pending_final.signatures);
        s->pending_final = copy;
        s->has_pending_final = true;
    }
    simplex_append(out, SIMPLEX_SYNC)->block = s->pending_final.block_hash; /* the highest */
}

/* `block` and all below it are stored or about to be: the new F. */
static void move_final(struct simplex *s, const struct certificate *finalization,
                       const struct simplex_block *block, struct simplex_queue *out)
{
    const struct simplex_block next = *block;
    struct certificate copy = certificate_copy(finalization);
    if (s->has_final_certificate)
        free(s->final_certificate.signatures);
    s->final_certificate = copy;
    s->has_final_certificate = true;
    s->final = next;
    s->final_view = copy.view;
    s->timeouts = 0;
    if (s->has_pending_final && s->pending_final.view <= s->final_view) {
        free(s->pending_final.signatures);
        s->has_pending_final = false;
    }
    prune(s);
    if (s->final.is_seal) {
        s->is_sealed = true;
        s->view =
            s->view > s->final_view ? s->view : s->final_view + 1; /* entered, never acted in */
        simplex_append(out, SIMPLEX_SEALED)->block = s->final.hash;
    }
    if (!simplex_work_pending(s))
        simplex_disarm(s);
}

void simplex_set_final(struct simplex *s, const struct certificate *finalization,
                       struct simplex_queue *out)
{
    hash256 chain[CHAIN_MAX];
    size_t count;
    if (!chain_to(s, finalization->block_hash, chain, CHAIN_MAX, &count)) {
        keep_pending(s, finalization, out);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct simplex_action *commit = simplex_append(out, SIMPLEX_COMMIT);
        commit->block = chain[i];
        commit->view = finalization->view;
        if (i + 1 == count)
            simplex_put_certificate(commit, finalization, out);
    }
    move_final(s, finalization, simplex_info_of(s, &finalization->block_hash), out);
}

void simplex_on_synced(struct simplex *s, const struct simplex_block *block, uint64_t now_ms,
                       struct simplex_queue *out)
{
    if (!s->has_pending_final || !hash256_equal(&s->pending_final.block_hash, &block->hash))
        return;
    struct certificate pending = certificate_copy(&s->pending_final);
    move_final(s, &pending, block, out);
    free(pending.signatures);
    simplex_try_notarize(s, simplex_need_round(s, s->view), now_ms, out);
    simplex_try_propose(s, now_ms, out);
}
