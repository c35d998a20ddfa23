#include "tests/sim/world.h"

#include <stdlib.h>

#include "ledger/chain/leader.h"
#include "vm/crypto/keccak.h"

#define DRAWS_MAX 50

const struct committee *sim_committee(const struct sim *sim, uint64_t epoch)
{
    return epoch > EPOCHS_MAX ? NULL : sim->committees[epoch];
}

unsigned committee_index(const struct committee *committee, unsigned identity)
{
    unsigned index = 0;
    while (index < committee->of.members && committee->identities[index] != identity)
        index++;
    return index;
}

uint64_t sim_boxes_of_index(const struct sim *sim, const struct committee *committee,
                            unsigned index)
{
    uint64_t boxes = 0;
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if (sim->boxes[i].identity == committee->identities[index])
            boxes |= BIT(i);
    return boxes;
}

uint64_t sim_boxes_of(const struct sim *sim, const struct committee *committee)
{
    uint64_t boxes = 0;
    for (unsigned i = 0; i < committee->of.members; i++)
        boxes |= sim_boxes_of_index(sim, committee, i);
    return boxes;
}

bool sim_is_faulty(const struct sim *sim, unsigned identity)
{
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if (sim->boxes[i].identity == identity)
            return sim->boxes[i].liar != NULL || sim->boxes[i].is_twin;
    return false;
}

unsigned sim_liars_in(const struct sim *sim, const struct committee *committee)
{
    unsigned count = 0;
    for (unsigned i = 0; i < committee->of.members; i++)
        count += sim_is_faulty(sim, committee->identities[i]);
    return count;
}

struct committee *committee_new(uint64_t epoch, enum quorum_mode mode, const unsigned identities[],
                                unsigned count, const hash256 *mix_hash)
{
    struct committee *committee = memory_new_zeroed(1, sizeof *committee);
    committee->epoch = epoch;
    committee->mode = mode;
    committee->of = thresholds_of(count, quorum_size(mode, count));
    committee->mix_hash = *mix_hash;
    for (unsigned i = 0; i < count; i++) {
        committee->identities[i] = identities[i];
        committee->leaders[i] = leader_of_view(mix_hash, count, i);
    }
    return committee;
}

static unsigned honest_links(const struct sim *sim, const struct committee *committee,
                             unsigned identity)
{
    unsigned linked = 0;
    for (unsigned i = 0; i < committee->of.members; i++) {
        const unsigned other = committee->identities[i];
        linked +=
            other != identity && !sim_is_faulty(sim, other) && sim_is_linked(sim, identity, other);
    }
    return linked;
}

bool committee_is_fit(const struct sim *sim, const struct committee *committee)
{
    const struct thresholds *of = &committee->of;
    if (sim_liars_in(sim, committee) > (committee->mode == QUORUM_CRASH ? 0 : of->liars_live))
        return false;
    if (!sim_can_begin(sim, committee))
        return false;
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        const bool is_member = committee_index(committee, i) < of->members;
        if (honest_links(sim, committee, i) < (is_member ? of->audit : 1))
            return false;
    }
    return true;
}

static struct committee *draw_one(struct sim *sim, const struct committee *current)
{
    unsigned identities[BOXES_MAX], count = 0;
    const unsigned changes = current->of.down_max > 0 ? current->of.down_max : 1;
    uint64_t members = sim_boxes_of(sim, current);
    for (unsigned i = 0; i < changes; i++) {
        const unsigned box = (unsigned)(sim_draw(sim) % sim->boxes_count);
        if (members != BIT(box))
            members ^= BIT(box); /* who is in leaves, who is out joins */
    }
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if ((members & BIT(i)) != 0)
            identities[count++] = sim->boxes[i].identity;
    for (unsigned i = count; i > 1; i--) { /* indexes mean nothing from epoch to epoch */
        const unsigned other = (unsigned)(sim_draw(sim) % i), kept = identities[i - 1];
        identities[i - 1] = identities[other];
        identities[other] = kept;
    }
    const enum quorum_mode mode =
        sim_chance(sim, 20) ? (enum quorum_mode)(sim_draw(sim) % 3) : current->mode;
    const uint64_t random = sim_draw(sim);
    const hash256 mix_hash = keccak256(&random, sizeof random);
    return committee_new(current->epoch + 1, mode, identities, count, &mix_hash);
}

struct committee *sim_draw_committee(struct sim *sim, const struct committee *current)
{
    for (unsigned i = 0; i < DRAWS_MAX; i++) {
        struct committee *drawn = draw_one(sim, current);
        if (committee_is_fit(sim, drawn))
            return drawn;
        free(drawn);
    }
    return committee_new(current->epoch + 1, current->mode, current->identities,
                         current->of.members, &current->mix_hash);
}
