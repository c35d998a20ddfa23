#include "tests/sim/liars/liar.h"

/* Views, final blocks and memories that it does not have. */
static void says(struct sim *sim, unsigned box, uint64_t to, struct message *message)
{
    if (message->kind == PEER_STATUS) {
        struct status *status = &message->status;
        switch (sim_draw(sim) % 5) {
        case 0:
            status->view += 1 + sim_draw(sim) % 100;
            status->entry_view = status->view - 1;
            status->entry_kind = MESSAGE_NULLIFY;
            break;
        case 1: status->highest_voted_view = status->view + 1; break;
        case 2: status->is_amnesiac = !status->is_amnesiac; break;
        case 3:
            if (status->final_view + 1 < status->view)
                status->final_view = status->view - 1;
            status->final_height += 1000;
            break;
        default: status->votes_count = 0; break;
        }
        sim_sign_status(sim, box, status);
        sim->figures.lies++;
    }
    sim_send(sim, box, to, message);
}

const struct liar liar_braggart = {.name = "braggart", .says = says};
