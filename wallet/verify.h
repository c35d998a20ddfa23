/* Believing a node only as far as it proves what it says.
 *
 *   charter --hash--> block 0 = the ledger's id (pinned)      who may certify blocks
 *   chain of seals: who certifies blocks of later epochs
 *   finality proof: header + the committee's signatures       the block is final
 *   Merkle proof under the header's roots                     the account, the receipt
 *
 * What a node can still do is stay silent: show an older block that was final (never older than
 * one verified here before), or say that a transaction is not known. A failure is WALLET_UNPROVEN
 * with what did not fit, and --trust as the way around. */
#ifndef WALLET_VERIFY_H
#define WALLET_VERIFY_H
#include "ledger/org/genesis.h"
#include "ledger/state/reader.h"
#include "wallet/epochs.h"
#include "wallet/wallet.h"

/* A ledger as its charter founds it; lists live in the wallet's arena. */
struct verified_ledger {
    hash256 id;
    struct bytes document;
    struct genesis genesis;
    struct header header; /* of block 0 */
    uint64_t chain_id;
    struct verified_epochs *epochs; /* grows as blocks of later ones are verified */
    uint64_t height_seen;           /* the highest block verified before */
};

struct verified_block {
    struct header header;
    hash256 hash;
    unsigned signers;        /* 0 for block 0 */
    unsigned committee_size; /* of its epoch */
};

/* From a document alone. */
bool verify_charter(struct wallet *wallet, struct bytes document, struct verified_ledger *ledger,
                    struct error *error) __attribute__((warn_unused_result));
/* Asks the node for the charter and compares the id with the pinned one; the first time it is
 * pinned, and said in words. */
enum wallet_exit verify_ledger(struct wallet *wallet, struct verified_ledger *ledger);
/* From what org_get or org_create answered. */
enum wallet_exit verify_org(struct wallet *wallet, const json_t *org,
                            struct verified_ledger *ledger);
/* As verify_ledger() without looking at pins. */
enum wallet_exit verify_ledger_shown(struct wallet *wallet, struct verified_ledger *ledger);

/* The block at a height. */
enum wallet_exit verify_block(struct wallet *wallet, const struct verified_ledger *ledger,
                              uint64_t height, struct verified_block *block);
/* The newest block, which is never below what was seen before. */
enum wallet_exit verify_head(struct wallet *wallet, const struct verified_ledger *ledger,
                             struct verified_block *block);
/* An account after the block; a zero one if it does not exist. */
enum wallet_exit verify_account(struct wallet *wallet, const struct verified_block *block,
                                const address *who, struct account *account);
/* That `receipt`, as the node shows it for the transaction, is what its block holds. */
enum wallet_exit verify_receipt(struct wallet *wallet, const struct verified_ledger *ledger,
                                const hash256 *transaction, const json_t *receipt,
                                struct verified_block *block);

/* "verified at block 17 by 1 of 1", and the members for scripts. */
void verify_say(struct wallet *wallet, const struct verified_block *block);
void verify_say_trusted(struct wallet *wallet); /* "as the node says, not verified" */

/* Fills the message of a proof that does not hold. */
enum wallet_exit verify_refuse(struct wallet *wallet, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Calls the node for something that proves; a node that knows no such method proves nothing. */
enum wallet_exit verify_ask(struct wallet *wallet, const char *method, json_t *params,
                            json_t **result);
/* Hex digits of an answer as bytes in the wallet's arena; false for anything else. */
bool verify_bytes(struct wallet *wallet, const json_t *text, struct bytes *out);
bool verify_bytes_in(struct arena *arena, const json_t *text, struct bytes *out);
#endif
