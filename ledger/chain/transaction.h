/* Transactions: legacy with EIP-155 (type 0), EIP-2930 (1), EIP-1559 (2), EIP-7702 (4).
 *
 * Decoding accepts exactly what our encoder would write. Blob transactions (type 3) and
 * unknown types are refused by name. A legacy transaction without a chain id decodes (levm
 * accepts it as Ethereum does); pool and block validity refuse it. */
#ifndef LEDGER_CHAIN_TRANSACTION_H
#define LEDGER_CHAIN_TRANSACTION_H
#include "ledger/chain/authorization.h"
#include "ledger/codec/rlp.h"
#include "vm/base/arena.h"
#include "vm/crypto/recover.h"
#include "vm/crypto/secret_key.h"
#include "vm/vm.h"

enum transaction_type {
    TRANSACTION_LEGACY = 0,
    TRANSACTION_ACCESS_LIST = 1, /* EIP-2930 */
    TRANSACTION_DYNAMIC_FEE = 2, /* EIP-1559 */
    TRANSACTION_BLOB = 3,        /* EIP-4844: named only to be refused */
    TRANSACTION_SET_CODE = 4,    /* EIP-7702 */
};

struct access_entry {
    address account;
    hash256 *keys;
    size_t keys_count;
};

struct transaction {
    enum transaction_type type;
    bool has_chain_id; /* false only for a legacy transaction signed without one */
    bool is_create;    /* no `to` */
    uint64_t chain_id;
    uint64_t nonce;
    uint64_t gas_limit;
    u256 max_fee;      /* gas price for types 0 and 1; wei per gas */
    u256 max_priority; /* equals max_fee for types 0 and 1 */
    address to;
    u256 value;
    struct bytes data; /* borrowed: from the encoded bytes or the builder */
    struct access_entry *access_list;
    size_t access_list_count;
    struct authorization *authorizations; /* of type 4 only */
    size_t authorizations_count;
    uint8_t y_parity; /* 0 or 1 */
    u256 r, s;
    /* Filled by transaction_decode(); for a built one by transaction_sign(). */
    hash256 hash;
    struct bytes encoded; /* the canonical (EIP-2718) bytes */
    /* Filled by transaction_recover(), as are the authorities of the authorizations. */
    address sender;
};

enum transaction_verdict {
    TRANSACTION_OK,
    TRANSACTION_BAD_RLP, /* detail: enum rlp_verdict */
    TRANSACTION_EMPTY,
    TRANSACTION_TYPE_BLOB, /* type 3 is not accepted here */
    TRANSACTION_TYPE_UNKNOWN,
    TRANSACTION_BAD_TO, /* neither empty nor 20 bytes */
    TRANSACTION_BAD_V,
    TRANSACTION_BAD_SIGNATURE, /* r or s out of range, or no such point */
    TRANSACTION_HIGH_S,        /* EIP-2 */
    TRANSACTION_NO_CHAIN_ID,
    TRANSACTION_WRONG_CHAIN_ID,
    TRANSACTION_TIP_ABOVE_FEE,      /* max priority fee above max fee */
    TRANSACTION_NONCE_MAX,          /* EIP-2681 */
    TRANSACTION_INITCODE_TOO_LARGE, /* EIP-3860 */
    TRANSACTION_NO_AUTHORIZATIONS,  /* EIP-7702: type 4 needs one at least */
    TRANSACTION_SET_CODE_CREATES,   /* EIP-7702: type 4 needs a recipient */
    TRANSACTION_GAS_OVER_CAP,       /* EIP-7825 */
    TRANSACTION_GAS_BELOW_INTRINSIC,
    TRANSACTION_GAS_BELOW_FLOOR, /* EIP-7623 */
    TRANSACTION_GAS_OVERFLOW,    /* gas limit * fee + value exceeds 2^256 - 1 */
    TRANSACTION_GAS_OVER_BLOCK,  /* gas limit over what is left in the block */
    TRANSACTION_FEE_BELOW_BASE,
    TRANSACTION_NONCE_TOO_LOW,
    TRANSACTION_NONCE_TOO_HIGH,
    TRANSACTION_INSUFFICIENT_FUNDS,
    TRANSACTION_SENDER_HAS_CODE, /* EIP-3607 */
    TRANSACTION_TOO_LARGE,       /* over TRANSACTION_SIZE_MAX bytes */
    TRANSACTION_VERDICT_COUNT,
};
/* geth's wording where clients match on it: "nonce too low", "intrinsic gas too low", ... */
const char *transaction_verdict_text(enum transaction_verdict verdict);

#define TRANSACTION_INITCODE_SIZE_MAX 49152    /* EIP-3860 */
#define TRANSACTION_GAS_CAP           16777216 /* EIP-7825: "MAX_GAS_LIMIT = 2**24", from Osaka */
#define TRANSACTION_SIZE_MAX          131072 /* geth's txMaxSize; accepted by pool and block alike */

/* Decodes the EIP-2718 form (a legacy list, or type byte and payload). Views borrow from
 * `encoded`; the access list lives in `arena`. `rlp` (may be NULL) gets the reason of
 * TRANSACTION_BAD_RLP. Neither recovers the sender nor knows a chain. */
enum transaction_verdict transaction_decode(struct transaction *tx, struct bytes encoded,
                                            struct arena *arena, enum rlp_verdict *rlp);
/* Appends the canonical form from the fields (signature included). */
void transaction_encode(const struct transaction *tx, struct buffer *out);
/* Fills `sender` and the authorities: checks low s and the ranges of r and s. */
enum transaction_verdict transaction_recover(struct transaction *tx);
/* Only the authorities, where the sender is known. */
void transaction_recover_authorities(struct transaction *tx);
/* Signs, and fills signature, sender, hash and `encoded` (in `arena`). */
void transaction_sign(struct transaction *tx, const struct secret_key *key, struct arena *arena);

/* Gas before the first opcode: base, calldata, creation, access list, init-code words,
 * authorizations. False on overflow of 64 bits. */
bool transaction_intrinsic_gas(const struct transaction *tx, enum vm_fork fork, uint64_t *gas);
/* The least that is paid in the end, by what the calldata takes (EIP-7623); 0 before Prague. */
uint64_t transaction_floor_gas(const struct transaction *tx, enum vm_fork fork);
/* What needs no state: chain id, types and gas cap of the fork, authorizations, tip, nonce
 * limit, init code size, intrinsic gas, gas * fee + value. `chain_id` 0 accepts any, and none
 * (levm). */
enum transaction_verdict transaction_check(const struct transaction *tx, enum vm_fork fork,
                                           uint64_t chain_id);
/* The part of it that is about the type: whether the fork has it, and EIP-7702's demands. */
enum transaction_verdict transaction_check_type(const struct transaction *tx, enum vm_fork fork);
/* gas_limit * max_fee + value; false on overflow of 256 bits. */
bool transaction_cost_max(const struct transaction *tx, u256 *cost_wei);
/* The price paid and the part of it above the base fee; false if max_fee < base_fee. */
bool transaction_effective_price(const struct transaction *tx, const u256 *base_fee, u256 *price,
                                 u256 *tip);
#endif
