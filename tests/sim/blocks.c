#include "tests/sim/world.h"

#include <stdlib.h>

#include "vm/crypto/keccak.h"

static size_t place_of(const struct sim *sim, const hash256 *hash)
{
    size_t at;
    memcpy(&at, hash->bytes, sizeof at);
    for (at &= sim->block_places_count - 1;; at = (at + 1) & (sim->block_places_count - 1))
        if (sim->block_places[at] == 0
            || hash256_equal(&sim->blocks[sim->block_places[at] - 1].info.hash, hash))
            return at;
}

struct sim_block *sim_block_of(struct sim *sim, const hash256 *hash)
{
    if (sim->blocks_count == 0)
        return NULL;
    const uint32_t found = sim->block_places[place_of(sim, hash)];
    return found == 0 ? NULL : &sim->blocks[found - 1];
}

static void make_room(struct sim *sim)
{
    if (sim->blocks_count < sim->blocks_capacity)
        return;
    sim->blocks_capacity = sim->blocks_capacity == 0 ? 256 : 2 * sim->blocks_capacity;
    sim->blocks = memory_resize(sim->blocks, sim->blocks_capacity * sizeof *sim->blocks);
    free(sim->block_places);
    sim->block_places_count = 4 * sim->blocks_capacity;
    sim->block_places = memory_new_zeroed(sim->block_places_count, sizeof *sim->block_places);
    for (uint32_t i = 0; i < sim->blocks_count; i++)
        sim->block_places[place_of(sim, &sim->blocks[i].info.hash)] = i + 1;
}

struct sim_block *sim_register_block(struct sim *sim, const struct simplex_block *info,
                                     uint64_t epoch)
{
    struct sim_block *known = sim_block_of(sim, &info->hash);
    if (known != NULL)
        return known;
    make_room(sim);
    struct sim_block *block = &sim->blocks[sim->blocks_count];
    *block = (struct sim_block){.info = *info, .epoch = epoch};
    sim->block_places[place_of(sim, &info->hash)] = (uint32_t)++sim->blocks_count;
    return block;
}

struct sim_block *sim_make_block(struct sim *sim, const struct simplex_block *parent,
                                 uint64_t epoch, uint64_t view)
{
    const uint64_t content[2] = {sim_draw(sim), sim->blocks_count};
    const struct simplex_block info = {.hash = keccak256(content, sizeof content),
                                       .parent = parent->hash,
                                       .view = view,
                                       .height = parent->height + 1};
    const struct sim_block *under = sim_block_of(sim, &parent->hash);
    const uint64_t parent_ms = under == NULL ? 0 : under->time_ms;
    struct sim_block *block = sim_register_block(sim, &info, epoch);
    block->time_ms = parent_ms + 1;
    block->size = 600 + (sim->makes_big_blocks ? (unsigned)(sim_draw(sim) % 20000) : 0);
    return block;
}
