/* What founding alone and founding together share. */
#ifndef WALLET_COMMANDS_ORG_H
#define WALLET_COMMANDS_ORG_H
#include "wallet/founding.h"

/* The lines about an organisation, from what org_get answered. */
void org_say(struct wallet *wallet, const json_t *org);
/* org create with --node: together.c. */
enum wallet_exit together_found(struct wallet *wallet, const struct founding *founding);
#endif
