/* Which ledger stands behind an address: pinned when it is first met, so that another one under
 * the same address is noticed, and how high it was, so that an older state is.
 *
 *   ledgers.json   {"http://127.0.0.1:8545/o/acme": {"id": "0x...", "height": "17"}}
 */
#ifndef WALLET_PINS_H
#define WALLET_PINS_H
#include "wallet/wallet.h"

struct pin {
    hash256 id;
    uint64_t height; /* the highest block that was verified */
};

/* *found false: this address was never met. */
bool pins_get(struct wallet *wallet, const char *url, struct pin *pin, bool *found,
              struct error *error) __attribute__((warn_unused_result));
/* Puts or replaces; of the same ledger the greater height is kept. */
bool pins_put(struct wallet *wallet, const char *url, const struct pin *pin, struct error *error)
    __attribute__((warn_unused_result));
#endif
