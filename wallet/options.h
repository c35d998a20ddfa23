/* The command line: options anywhere, the rest in order.
 *
 * One row an option; each command names those it takes, so an option that has no meaning for a
 * command is refused rather than ignored. Nothing secret is an option. */
#ifndef WALLET_OPTIONS_H
#define WALLET_OPTIONS_H
#include "vm/base/error.h"

#include <stddef.h>
#include <stdint.h>

/* name, what its value is called (NULL: none), what it does */
#define OPTIONS(X)                                                                                \
    X(RPC, "rpc", "URL", "the node, like http://127.0.0.1:8545")                                  \
    X(ORG, "org", "LABEL", "the organisation on that node")                                       \
    X(ACCOUNT, "account", "NAME", "the account that acts")                                        \
    X(PASSWORD_FILE, "password-file", "FILE", "holds the account's password")                     \
    X(TOKEN_FILE, "token-file", "FILE", "holds the node's admin token")                           \
    X(JSON, "json", NULL, "answer as one JSON object")                                            \
    X(DRY_RUN, "dry-run", NULL, "say what would be done, and do nothing")                         \
    X(NO_WAIT, "no-wait", NULL, "do not wait until it is final")                                  \
    X(TIMEOUT, "timeout", "SECONDS", "how long to wait until it is final (60)")                   \
    X(LIGHT, "light", NULL, "weak but fast password protection, for tests")                       \
    X(PLAIN, "plain", NULL, "the key itself, without password protection")                        \
    X(OLD_PASSWORD_FILE, "old-password-file", "FILE", "holds the password of the imported file")  \
    X(SYMBOL, "symbol", "SYM", "what the coin is called, like ACM")                               \
    X(TRANSPARENCY, "transparency", "LEVEL", "who may see what: open")                            \
    X(LABEL, "label", "LABEL", "the organisation's short name in addresses")                      \
    X(GRANT, "grant", "COINS", "the founder's genesis coin (1000)")                               \
    X(FOR, "for", "TEXT", "org create: what the genesis coin is for; org connect: the tool")      \
    X(FEES, "fees", "free|market", "how fees are set (free)")                                     \
    X(BASE_FEE, "base-fee", "WEI", "the lowest price of gas, with --fees market")                 \
    X(FORK, "fork", "NAME", "the EVM's rules: cancun, prague or osaka (the newest)")              \
    X(CHAIN_ID, "chain-id", "N", "of a new ledger, or which the one sent to must have")           \
    X(ABI, "abi", "FILE", "the contract's interface: ABI JSON, or a build artifact")              \
    X(CONTRACT, "contract", "NAME", "which contract of a file with several")                      \
    X(VALUE, "value", "COINS", "coins to send along")                                             \
    X(GAS, "gas", "N", "the gas limit instead of the node's estimate")                            \
    X(MAX_FEE, "max-fee", "COINS", "the most the fee may be (1)")                                 \
    X(AT, "at", "BLOCK", "as it was at this block")                                               \
    X(REPLACE, "replace", "HASH", "take the place of this transaction, which still waits")        \
    X(LIMIT, "limit", "N", "how many entries a page (25)")                                        \
    X(NEXT, "next", "PAGE", "go on where the page before ended")                                  \
    X(TRUST, "trust", NULL, "believe the node without proof")                                     \
    X(PHRASE_FILE, "phrase-file", "FILE", "a new file that gets the 24 words")                    \
    X(PASSPHRASE_FILE, "passphrase-file", "FILE", "holds the passphrase that goes with a phrase") \
    X(INDEX, "index", "N", "which of the phrase's accounts (0)")                                  \
    X(FILE, "file", "FILE", "the message is what this file holds")                                \
    X(TYPED, "typed", "FILE", "the message is this typed document (EIP-712 JSON)")                \
    X(NODE, "node", "URL", "a node that takes part; given once for each")                         \
    X(MODE, "mode", "bft|crash|all", "how many of the committee decide")                          \
    X(YES, "yes", NULL, "do it without asking")

enum option_id {
#define X(id, name, value, help) OPTION_##id,
    OPTIONS(X)
#undef X
        OPTION_COUNT,
};

#define OPTION_BIT(id)         (UINT64_C(1) << OPTION_##id)
#define OPTION_POSITIONALS_MAX 160
#define OPTION_NODES_MAX       100 /* members of a committee */

struct options {
    const char *values[OPTION_COUNT];    /* NULL: not given; "" for one without a value */
    const char *nodes[OPTION_NODES_MAX]; /* of --node, the one option that may be repeated */
    size_t nodes_count;
    const char *positionals[OPTION_POSITIONALS_MAX];
    size_t positionals_count;
    bool wants_help; /* --help or -h */
    bool wants_version;
};

/* Splits argv[1..]; "--name VALUE" and "--name=VALUE"; behind "--" nothing is an option.
 * The texts are borrowed from argv. */
bool options_parse(struct options *options, int argc, char **argv, struct error *error)
    __attribute__((warn_unused_result));
/* False naming the first option outside the mask of OPTION_BIT()s. */
bool options_check(const struct options *options, uint64_t allowed, const char *command,
                   struct error *error) __attribute__((warn_unused_result));

static inline bool options_has(const struct options *options, enum option_id id)
{
    return options->values[id] != NULL;
}

const char *option_name(enum option_id id);
const char *option_value_name(enum option_id id); /* NULL: takes none */
const char *option_help(enum option_id id);
#endif
