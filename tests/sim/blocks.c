#include "tests/sim/sim.h"

#include "vm/crypto/keccak.h"

struct sim_block *sim_block_of(struct sim *sim, const hash256 *hash)
{
    for (size_t i = sim->blocks_count; i > 0; i--)
        if (hash256_equal(&sim->blocks[i - 1].info.hash, hash))
            return &sim->blocks[i - 1];
    return NULL;
}

struct sim_block *sim_make_block(struct sim *sim, const struct simplex_block *parent, uint64_t view)
{
    sim->blocks = memory_resize(sim->blocks, (sim->blocks_count + 1) * sizeof *sim->blocks);
    struct sim_block *block = &sim->blocks[sim->blocks_count++];
    *block = (struct sim_block){0};
    const uint64_t content[2] = {sim_draw(sim), sim->blocks_count};
    block->info = (struct simplex_block){.hash = keccak256(content, sizeof content),
                                         .parent = parent->hash,
                                         .view = view,
                                         .height = parent->height + 1};
    return block;
}

void sim_try_execute(struct sim *sim, unsigned node)
{
    for (size_t i = sim->blocks_count > 256 ? sim->blocks_count - 256 : 0; i < sim->blocks_count;
         i++) {
        struct sim_block *block = &sim->blocks[i];
        if (!block->has[node] || block->running[node] || block->executed[node])
            continue;
        const struct sim_block *parent = sim_block_of(sim, &block->info.parent);
        if (parent != NULL && !parent->executed[node])
            continue;
        block->running[node] = true;
        sim_post(sim, 1 + sim_draw(sim) % 40, ON_EXECUTED, node)->block = block->info.hash;
    }
}
