/* Token transfers as their standards log them: ERC-20, ERC-721, ERC-1155. Any contract can log one,
 * whether it keeps tokens or not. */
#ifndef LEDGER_HISTORY_TOKENS_H
#define LEDGER_HISTORY_TOKENS_H
#include "ledger/chain/receipt.h"

enum token_standard {
    TOKEN_ERC20,
    TOKEN_ERC721,
    TOKEN_ERC1155,
};
const char *token_standard_name(enum token_standard standard); /* "ERC-20" */

struct token_transfer {
    enum token_standard standard;
    address token;    /* who logged it */
    address from, to; /* zero: made, destroyed */
    u256 id;          /* but for ERC-20 */
    u256 amount;      /* 1 for ERC-721 */
};

/* Between whom; false if the log is no transfer. */
bool token_parties(const struct log *log, address *from, address *to);
/* The index-th transfer the log tells of: only ERC-1155 tells several. False beyond the last. */
bool token_transfer_at(const struct log *log, uint64_t index, struct token_transfer *transfer);
#endif
