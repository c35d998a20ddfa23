/* Settings and where each came from: flag, environment, config.json, default, in that order.
 *
 * The file is $XDG_CONFIG_HOME/leither/config.json (~/.config without that variable), an
 * object of texts, and of "ledgers": the chain id that an address's ledger had when this wallet
 * last signed for it. Keys this version does not know are kept as they are. */
#ifndef WALLET_CONFIG_H
#define WALLET_CONFIG_H
#include "wallet/wallet.h"

enum setting {
    SETTING_RPC,
    SETTING_ORG,
    SETTING_ACCOUNT,
    SETTING_PASSWORD_FILE,
    SETTING_TOKEN_FILE,
    SETTING_COUNT,
};

enum setting_origin {
    ORIGIN_NONE, /* not set anywhere */
    ORIGIN_FLAG,
    ORIGIN_ENVIRONMENT,
    ORIGIN_FILE,
    ORIGIN_DEFAULT,
};

const char *setting_name(enum setting setting);        /* "password_file" */
const char *setting_environment(enum setting setting); /* "LEITHER_PASSWORD_FILE" */
bool setting_find(enum setting *setting, const char *name);

bool config_load(struct wallet *wallet, struct error *error) __attribute__((warn_unused_result));
/* NULL without a value; `origin` may be NULL. Lives as long as the wallet. */
const char *config_get(struct wallet *wallet, enum setting setting, enum setting_origin *origin);
/* Sets (`value` NULL: removes) one key and writes the file. */
bool config_set(struct wallet *wallet, enum setting setting, const char *value, struct error *error)
    __attribute__((warn_unused_result));
/* The chain id kept for a ledger's address; false if there is none. */
bool config_ledger(const struct wallet *wallet, const char *url, uint64_t *chain_id);
bool config_keep_ledger(struct wallet *wallet, const char *url, uint64_t chain_id,
                        struct error *error) __attribute__((warn_unused_result));
/* A file of the configuration directory, in the wallet's arena. */
const char *config_path(struct wallet *wallet, const char *name);
#endif
