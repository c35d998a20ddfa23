/* Members that lie. Each runs the honest engine; what it says goes through its own kind of lie,
 * and it may answer what it hears with more. It has no key but its own. One kind a file. */
#ifndef TESTS_SIM_LIARS_LIAR_H
#define TESTS_SIM_LIARS_LIAR_H
#include "tests/sim/world.h"

struct liar {
    const char *name;
    /* What its engine wants to say to the boxes of `to`; NULL: as it is. It may change the
     * message. */
    void (*says)(struct sim *sim, unsigned box, uint64_t to, struct message *message);
    /* A good message came; NULL: no answer but the engine's. */
    void (*hears)(struct sim *sim, unsigned box, const struct message *message);
    /* It built a block, which nobody else has yet; NULL: an honest one. */
    void (*builds)(struct sim *sim, unsigned box, struct sim_block *block);
};

extern const struct liar liar_double_voter;  /* votes for all it sees, every kind at once */
extern const struct liar liar_equivocator;   /* shows some another block than others */
extern const struct liar liar_silent_leader; /* never proposes */
extern const struct liar liar_late_leader;   /* proposes when others give the view up */
extern const struct liar liar_withholder;    /* proposes blocks and keeps them */
extern const struct liar liar_selective;     /* speaks to half of the members, another each view */
extern const struct liar liar_nuller;        /* nullifies what it sees, and finalizes it as well */
extern const struct liar liar_forger;        /* certificates and bytes that nobody signed */
extern const struct liar liar_replayer;      /* says again what it heard long ago */
extern const struct liar liar_braggart;      /* lies about where it stands */
extern const struct liar liar_mutator;       /* views, parents and epochs one too many or too few */
extern const struct liar liar_bad_builder;   /* its blocks do not execute */
extern const struct liar liar_repeater;      /* proposes the parent again without need */

/* One of them. */
const struct liar *liar_draw(struct sim *sim);

/* Signed with the box's own key, as a member of that epoch; sends nothing if it is none. */
void liar_vote(struct sim *sim, unsigned box, uint64_t to, struct vote vote);
void liar_propose(struct sim *sim, unsigned box, uint64_t to, struct proposal proposal);
/* Each box with that chance in percent. */
uint64_t liar_some(struct sim *sim, unsigned percent);
/* Whether the box leads that view. */
bool liar_leads(const struct sim *sim, unsigned box, uint64_t epoch, uint64_t view);
#endif
