/* The ledger as its node shows it: calls, fees, symbol, blocks. */
#ifndef WALLET_CHAIN_H
#define WALLET_CHAIN_H
#include "ledger/codec/abi_type.h"
#include "vm/base/u256.h"
#include "wallet/wallet.h"

enum chain_door {
    CHAIN_ORG,   /* the endpoint of the organisation in the settings */
    CHAIN_NODE,  /* the node's own, for what concerns all organisations */
    CHAIN_ADMIN, /* as CHAIN_NODE, with the admin token */
};

#define CHAIN_TOKEN_SIZE_MAX 256

/* The admin token of the node in the settings into `text`; the caller wipes it. */
bool chain_read_token(struct wallet *wallet, char text[CHAIN_TOKEN_SIZE_MAX + 1],
                      struct error *error) __attribute__((warn_unused_result));
/* An organisation's label or id: what may stand in the address's path. */
bool chain_is_label(const char *text);
/* Connects on first use; a run goes through one door only. */
enum wallet_exit chain_open(struct wallet *wallet, enum chain_door door);

/* Takes the reference of `params`; *result is a new one. A revert's data is explained with
 * `abi` (may be NULL). */
enum wallet_exit chain_call_abi(struct wallet *wallet, const char *method, json_t *params,
                                const struct abi *abi, json_t **result);
enum wallet_exit chain_call(struct wallet *wallet, const char *method, json_t *params,
                            json_t **result);
/* Bytes as nodes take them: "0x001f"; a new reference. */
json_t *chain_bytes(struct bytes bytes);
/* A result that is a quantity ("0x1f"). */
enum wallet_exit chain_quantity(struct wallet *wallet, const char *method, json_t *params,
                                u256 *out);
/* The member `name` of an object, as a quantity; false if it is none. */
bool chain_read_quantity(const json_t *object, const char *name, u256 *out);
bool chain_read_u64(const json_t *object, const char *name, uint64_t *out);

/* What the coin is called: the organisation's symbol, or ETH on a node that keeps none. In the
 * wallet's arena. */
enum wallet_exit chain_symbol(struct wallet *wallet, const char **symbol);
/* EIP-1559: twice the last base fee plus the tip the node suggests; wei per gas. */
enum wallet_exit chain_fees(struct wallet *wallet, u256 *max_fee, u256 *tip);

/* "latest", "17", "0x11" as a block argument; in the wallet's arena. */
bool chain_block_argument(struct wallet *wallet, const char *text, const char **argument,
                          struct error *error) __attribute__((warn_unused_result));
#endif
