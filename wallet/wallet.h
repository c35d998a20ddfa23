/* One run of `lwallet`: what the user asked, where settings come from, what is answered.
 *
 * A command returns an exit code (docs/wallet.md lists them; they never change meaning). The
 * answer is collected twice: lines for people, the result on the first one, and one JSON object
 * for scripts; wallet_finish() prints the one that was asked for. */
#ifndef WALLET_WALLET_H
#define WALLET_WALLET_H
#include "vm/base/arena.h"
#include "vm/base/error.h"
#include "wallet/options.h"

#include <jansson.h>

enum wallet_exit {
    WALLET_OK = 0,
    WALLET_REFUSED = 1,     /* the node or the ledger said no; a transaction was reverted */
    WALLET_USAGE = 2,       /* the command line is not understood */
    WALLET_UNREACHABLE = 3, /* no node, or not one that speaks JSON-RPC */
    WALLET_NOT_FOUND = 4,   /* no such account, contact, organisation, transaction */
    WALLET_LOCKED = 5,      /* wrong or missing password, damaged key file, missing token */
    WALLET_NOT_FINAL = 6,   /* sent, but not final within the time to wait */
    WALLET_LOCAL = 7,       /* files on this machine */
    WALLET_UNPROVEN = 8,    /* the node's answer does not fit its proof, or it proves nothing */
    WALLET_EXIT_COUNT,
};
const char *wallet_exit_name(enum wallet_exit code);    /* "not found" */
const char *wallet_exit_meaning(enum wallet_exit code); /* for help and manual */

struct rpc_client;

struct wallet {
    struct options options;
    struct arena arena; /* of the run; no secret in it */
    char config_dir[512];
    json_t *config; /* config.json; an object */
    json_t *answer; /* an object */
    struct buffer lines;
    struct rpc_client *node;
    const char *symbol; /* of the ledger, once the charter was verified */
    char message[1024]; /* of a failure */
    char next[512];     /* the command to try next; may be empty */
};

/* Reads the configuration. The command line was parsed into `options`; `answer` is an empty
 * object. */
bool wallet_init(struct wallet *wallet, struct error *error) __attribute__((warn_unused_result));
void wallet_cleanup(struct wallet *wallet);

/* One line for people. */
void wallet_say(struct wallet *wallet, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* One member for scripts; takes the reference. */
void wallet_put(struct wallet *wallet, const char *name, json_t *value);
void wallet_put_text(struct wallet *wallet, const char *name, const char *text);

/* Fills the message and returns `code`; `next` may be NULL. */
enum wallet_exit wallet_fail(struct wallet *wallet, enum wallet_exit code, const char *next,
                             const char *format, ...) __attribute__((format(printf, 4, 5)));
/* As above from an error of a lower floor, its code choosing the exit code. */
enum wallet_exit wallet_fail_error(struct wallet *wallet, const struct error *error,
                                   const char *next);

/* Prints answer or failure; returns what the process exits with. */
int wallet_finish(struct wallet *wallet, enum wallet_exit code);

static inline bool wallet_is_json(const struct wallet *wallet)
{
    return options_has(&wallet->options, OPTION_JSON);
}
#endif
