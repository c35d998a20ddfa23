/* A transaction's way: fill in, show, sign, send, follow until it is final. */
#ifndef WALLET_SEND_H
#define WALLET_SEND_H
#include "ledger/codec/abi_type.h"
#include "vm/base/u256.h"
#include "wallet/wallet.h"

struct send_request {
    bool is_create;
    address to;
    u256 value_wei;
    struct bytes data;
    const struct abi *abi; /* to explain events and reverts; may be NULL */
    const char *done;      /* first line when it is final: "sent 5 ACM to bob 0x..." */
    const char *meaning;   /* what is signed, in words: "send 5 ACM to bob 0x..." */
};

/* With --dry-run nothing is signed or sent; with --no-wait it is sent, not followed. */
enum wallet_exit send_transaction(struct wallet *wallet, const struct send_request *request);

/* Says and puts what a receipt holds. WALLET_REFUSED if the transaction was reverted. */
enum wallet_exit send_show_receipt(struct wallet *wallet, const json_t *receipt,
                                   const struct abi *abi, const char *done);

/* The value of --value, in wei; zero without it. */
bool send_value_option(struct wallet *wallet, u256 *value_wei, struct error *error)
    __attribute__((warn_unused_result));
/* The value of --timeout, or how long is waited without it. */
bool send_timeout_option(struct wallet *wallet, uint64_t *timeout_ms, struct error *error)
    __attribute__((warn_unused_result));
#endif
