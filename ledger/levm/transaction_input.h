/* Transactions in JSON: the members that state tests and t8n share, and a whole one as t8n takes
 * it. Memory comes from the arena. */
#ifndef LEDGER_LEVM_TRANSACTION_INPUT_H
#define LEDGER_LEVM_TRANSACTION_INPUT_H
#include "ledger/chain/transaction.h"
#include "ledger/levm/json.h"

/* The type that the members are of. */
enum transaction_type transaction_input_type(const json_t *fields);
/* `list` may be null: none. */
bool transaction_input_access_list(const json_t *list, struct transaction *tx, struct arena *arena,
                                   struct error *error);
/* The authorities are still to be recovered. */
bool transaction_input_authorizations(const json_t *fields, struct transaction *tx,
                                      struct arena *arena, struct error *error);
/* By the type, which is known. */
bool transaction_input_fees(const json_t *fields, struct transaction *tx, struct error *error);
bool transaction_input_to(const json_t *fields, struct transaction *tx, struct error *error);

/* A transaction as geth writes it, signed, or with a "secretKey" and without v, r and s: then it
 * is signed here, a legacy one without chain id if "protected" is false. False if the JSON is
 * wrong. *verdict: whether such a transaction can be on this chain at all; when it is OK, sender,
 * hash and encoded bytes are known. */
bool transaction_input_read(const json_t *fields, uint64_t chain_id, struct transaction *tx,
                            enum transaction_verdict *verdict, struct arena *arena,
                            struct error *error) __attribute__((warn_unused_result));

/* The same of bytes that were signed; `rlp` as transaction_decode() has it. */
enum transaction_verdict transaction_input_signed(struct transaction *tx, struct bytes encoded,
                                                  uint64_t chain_id, struct arena *arena,
                                                  enum rlp_verdict *rlp);
#endif
