/* A wallet over a configuration directory of its own. */
#ifndef TESTS_UNIT_WALLET_HOME_H
#define TESTS_UNIT_WALLET_HOME_H
#include "wallet/wallet.h"

/* Makes a fresh directory and points the environment at it; removes LEITHER_*. */
void home_new(void);
void home_remove(void);
const char *home_path(void);

/* A wallet as a run would have it, with no option given. */
void home_wallet(struct wallet *wallet);
#endif
