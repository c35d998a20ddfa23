/* Authorizations (EIP-7702): an account, the authority, signs that it is to run the code of
 * another. A transaction of type 4 carries some; whoever sends it pays. */
#ifndef LEDGER_CHAIN_AUTHORIZATION_H
#define LEDGER_CHAIN_AUTHORIZATION_H
#include "ledger/codec/rlp.h"
#include "vm/crypto/secret_key.h"

struct authorization {
    u256 chain_id;    /* 0: on every chain */
    address delegate; /* whose code the authority runs from then on; zero: its own, which is none */
    uint64_t nonce;   /* the authority's */
    uint8_t y_parity; /* as written: with more than 1 nobody has signed */
    u256 r, s;
    /* Filled by authorization_recover(). */
    bool has_authority; /* false if nobody can have signed this */
    address authority;
};

#define AUTHORIZATION_SIZE_MIN 27 /* encoded: a list of five small numbers and an address */

/* [chain id, delegate, nonce, y parity, r, s]; a failure stays in the reader. */
struct authorization authorization_read(struct rlp_reader *in);
void authorization_put(const struct authorization *authorization, struct buffer *out);
/* Fills the authority; a high s is nobody's (EIP-2). */
void authorization_recover(struct authorization *authorization);
/* Fills signature and authority. */
void authorization_sign(struct authorization *authorization, const struct secret_key *key);
#endif
