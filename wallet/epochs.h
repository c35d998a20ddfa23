/* The committees of a ledger, epoch by epoch, as far as they were proved: the first follows from
 * the charter, each later one from the seal that the one before made final. */
#ifndef WALLET_EPOCHS_H
#define WALLET_EPOCHS_H
#include "ledger/chain/seal_chain.h"

struct verified_epoch {
    struct epoch_record record;
    struct signing_domain domain;
};

/* All from the first on. Lives in the arena given to epochs_new(). */
struct verified_epochs {
    struct arena *arena;
    enum vm_fork fork; /* of the genesis */
    struct verified_epoch *list;
    unsigned count, capacity;
};
struct verified_epochs *epochs_new(struct arena *arena, uint64_t chain_id, const hash256 *id,
                                   enum vm_fork fork, const struct epoch_record *first);
/* NULL: not proved yet, or there is no epoch of that number. */
const struct verified_epoch *epochs_find(const struct verified_epochs *epochs, uint64_t number);
const struct verified_epoch *epochs_newest(const struct verified_epochs *epochs);
/* Adds what an encoded chain of seals proves beyond the newest. What was proved stays, also when
 * something behind it does not hold. */
enum finality_verdict epochs_follow(struct verified_epochs *epochs, struct bytes chain);
#endif
