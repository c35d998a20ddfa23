#include <stdlib.h>

#include "tests/sim/liars/liar.h"

/* A certificate of which something is not as it was signed. */
static void forge(struct sim *sim, unsigned box, struct certificate certificate)
{
    struct message message = {.kind = PEER_CERTIFICATE};
    switch (sim_draw(sim) % 6) {
    case 0: certificate.view += 1 + sim_draw(sim) % 1000; break; /* a view of the future */
    case 1: certificate.epoch += sim_draw(sim) % 2 ? 1 : -1ULL; break;
    case 2: certificate.kind = MESSAGE_FINALIZE; break; /* of votes of another kind */
    case 3:
        if (certificate.signatures_count > 1) /* one signature for two signers */
            certificate.signatures[1] = certificate.signatures[0];
        break;
    case 4: certificate.block_hash.bytes[7] ^= 1; break;
    default: { /* a signer that never signed */
        unsigned signer = 0;
        while ((certificate.bitmap[signer / 8] >> (signer % 8) & 1) != 0)
            signer++;
        certificate.bitmap[signer / 8] |= (uint8_t)(1U << (signer % 8));
        certificate.signatures_count++;
        certificate.signatures =
            memory_new_zeroed(certificate.signatures_count, sizeof *certificate.signatures);
        message.certificate = certificate;
        sim_send(sim, box, liar_some(sim, 50), &message);
        free(certificate.signatures);
        return;
    }
    }
    message.certificate = certificate;
    sim_send(sim, box, liar_some(sim, 50), &message);
}

static void babble(struct sim *sim, unsigned box)
{
    uint8_t bytes[200];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)sim_draw(sim);
    bytes[0] %= 9;
    sim_send_bytes(sim, box, liar_some(sim, 30), bytes_of(bytes, 1 + sim_draw(sim) % 199));
}

static void hears(struct sim *sim, unsigned box, const struct message *message)
{
    if (message->kind == PEER_CERTIFICATE && sim_chance(sim, 40)) {
        struct certificate copy = message->certificate;
        sim->figures.lies++;
        forge(sim, box, copy);
    } else if (sim_chance(sim, 3)) {
        sim->figures.lies++;
        babble(sim, box);
    }
}

const struct liar liar_forger = {.name = "forger", .hears = hears};
