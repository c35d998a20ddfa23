#include "tests/sim/liars/liar.h"
#include "tests/sim/member_state.h"

#include <stdlib.h>

#include "node/replica/block_time.h"

/* A block that is a hash has that for its body. */
static struct bytes plain_body(const hash256 *block)
{
    return bytes_of(block->bytes, sizeof block->bytes);
}

struct bytes body_of(struct sim *sim, unsigned box, const hash256 *hash, struct arena *arena)
{
    const struct member *member = sim->members[box];
    const struct sim_block *block = sim_block_of(sim, hash);
    if (member->chain != NULL)
        return chain_container(member->chain, hash, arena);
    return block != NULL && (block->has & BIT(box)) != 0 ? plain_body(hash) : (struct bytes){0};
}

bool body_read(struct sim *sim, unsigned box, const hash256 *hash, struct bytes body,
               struct simplex_block *info)
{
    const struct member *member = sim->members[box];
    struct sim_block *block = sim_block_of(sim, hash);
    if (member->chain != NULL) {
        if (!chain_read(member->chain, hash, body, info))
            return false;
    } else if (block == NULL || block->epoch != member->committee->epoch
               || !bytes_equal(body, plain_body(hash))) {
        return false;
    }
    if (block == NULL)
        sim_fail(sim, "a good block that nobody built", box, 0);
    block->has |= BIT(box);
    *info = block->info;
    return true;
}

enum replica_verdict body_execute(struct sim *sim, unsigned box, const hash256 *hash,
                                  struct bytes body, bool time_is_right)
{
    struct sim_block *block = sim_block_of(sim, hash);
    const struct member *member = sim->members[box];
    if (!time_is_right && (block->executed & BIT(box)) == 0
        && !block_time_fits(block->time_ms, sim_wall_ms(sim, box))) {
        sim->figures.put_off++;
        return REPLICA_NOT_YET;
    }
    enum replica_verdict verdict = block->is_invalid ? REPLICA_INVALID : REPLICA_VALID;
    if (member->chain != NULL && (block->executed & BIT(box)) == 0) /* else it came by sync */
        verdict = chain_execute(member->chain, body);
    if (verdict == REPLICA_VALID && block->is_invalid)
        sim_fail(sim, "a spoilt block executes", box, block->info.height);
    if (verdict == REPLICA_VALID)
        block->executed |= BIT(box);
    return verdict;
}

void body_drop(struct sim *sim, unsigned box, const hash256 *hash)
{
    const struct member *member = sim->members[box];
    sim_block_of(sim, hash)->executed &= ~BIT(box);
    if (member->chain != NULL)
        ledger_drop(chain_ledger(member->chain), hash);
}

/* ---- Building -------------------------------------------------------------------------------- */

static void build_plain(struct sim *sim, unsigned box, const hash256 *parent, uint64_t view,
                        struct simplex_block *info)
{
    const struct committee *committee = sim->members[box]->committee;
    const struct sim_block *under = sim_block_of(sim, parent);
    const struct simplex_block origin = {.height = 0};
    const struct simplex_block on = under == NULL ? origin : under->info;
    struct sim_block *block = sim_make_block(sim, &on, committee->epoch, view);
    const struct liar *liar = sim->boxes[box].liar;
    block->has = block->executed = BIT(box);
    const uint64_t wall_ms = sim_wall_ms(sim, box);
    block->time_ms = wall_ms > block->time_ms ? wall_ms : block->time_ms;
    if (sim->change_epoch == committee->epoch && committee->epoch < EPOCHS_MAX) {
        block->info.is_seal = true;
        block->next = sim_draw_committee(sim, committee);
    }
    if (liar != NULL && liar->builds != NULL)
        liar->builds(sim, box, block);
    *info = block->info;
}

static bool build_real(struct sim *sim, unsigned box, const hash256 *parent, uint64_t view,
                       struct simplex_block *info, enum unbuilt *why)
{
    const struct member *member = sim->members[box];
    uint64_t time_ms;
    if (!chain_build(member->chain, sim->boxes[box].identity, parent, view, sim_wall_ms(sim, box),
                     info, &time_ms, why))
        return false;
    struct sim_block *block = sim_register_block(sim, info, member->committee->epoch);
    block->has |= BIT(box);
    block->executed |= BIT(box);
    block->time_ms = time_ms;
    return true;
}

bool body_build(struct sim *sim, unsigned box, const hash256 *parent, uint64_t view,
                struct simplex_block *info, enum unbuilt *why)
{
    struct chain *chain = sim->members[box]->chain;
    *why = UNBUILT_NOTHING_NEW;
    if (chain == NULL ? !sim->has_work : chain_work(chain, parent) == WORK_NONE)
        return false;
    if (sim_chance(sim, sim->fail_build)) {
        *why = sim_chance(sim, 50) ? UNBUILT_NO_ROOM : UNBUILT_FAILED;
        return false;
    }
    if (chain != NULL)
        return build_real(sim, box, parent, view, info, why);
    build_plain(sim, box, parent, view, info);
    return true;
}

bool member_spoil(struct sim *sim, unsigned box, struct bytes *body, struct arena *arena,
                  hash256 *hash)
{
    const struct member *member = sim->members[box];
    struct simplex_block info;
    uint64_t time_ms;
    if (!chain_spoil(member->chain, body, sim_draw(sim), arena, &info, &time_ms))
        return false;
    struct sim_block *block = sim_register_block(sim, &info, member->committee->epoch);
    block->is_invalid = true;
    block->time_ms = time_ms;
    *hash = info.hash;
    return true;
}

/* ---- Finality -------------------------------------------------------------------------------- */

void body_learn_committee(struct sim *sim, unsigned box, struct sim_block *seal)
{
    const struct member *member = sim->members[box];
    struct ledger *ledger = chain_ledger(member->chain);
    const struct epoch_record *record = ledger_epoch_record(ledger);
    unsigned identities[BOXES_MAX];
    if (seal->next != NULL || record->epoch <= seal->epoch)
        return;
    chains_learn_epoch(sim->chains, ledger);
    for (unsigned i = 0; i < record->committee_size; i++)
        identities[i] = chains_identity_of(sim->chains, &record->committee[i].consensus);
    seal->next = committee_new(record->epoch, record->mode, identities, record->committee_size,
                               &ledger_head(ledger)->header.mix_hash);
    sim->committees[record->epoch] = seal->next;
}

/* How many transactions are in blocks, and whom the head names if it is a seal. */
static void on_head(struct sim *sim, unsigned box, const hash256 *head)
{
    const uint64_t mined = chain_mined(sim->members[box]->chain);
    struct sim_block *block = sim_block_of(sim, head);
    sim->mined = mined > sim->mined ? mined : sim->mined;
    chain_fill_shelf(sim->members[box]->chain);
    if (block != NULL && block->info.is_seal)
        body_learn_committee(sim, box, block);
}

void body_on_open(struct sim *sim, unsigned box)
{
    const struct ledger *ledger = chain_ledger(sim->members[box]->chain);
    on_head(sim, box, &ledger_head(ledger)->hash);
}

void body_store(struct sim *sim, unsigned box, const hash256 *hash,
                const struct certificate *finalization)
{
    const struct member *member = sim->members[box];
    if (member->chain == NULL)
        return;
    chain_commit(member->chain, hash, finalization);
    on_head(sim, box, hash);
}
