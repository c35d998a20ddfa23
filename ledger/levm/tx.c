/* levm tx: a transaction a line in, who sent it and what it costs at least out. */
#include <inttypes.h>
#include <stdio.h>

#include "ledger/chain/transaction.h"
#include "ledger/levm/command.h"
#include "ledger/levm/lines.h"
#include "vm/base/hex.h"

#define CHAIN_ID 1

/* Everything that can be said without a state, or why the transaction is none. */
static const char *inspect(struct bytes encoded, enum vm_fork fork, struct transaction *tx,
                           uint64_t *intrinsic_gas, struct arena *arena)
{
    enum rlp_verdict rlp;
    enum transaction_verdict verdict = transaction_decode(tx, encoded, arena, &rlp);
    if (verdict == TRANSACTION_BAD_RLP)
        return rlp_verdict_text(rlp);
    if (verdict == TRANSACTION_OK)
        verdict = transaction_recover(tx);
    if (verdict == TRANSACTION_OK)
        verdict = transaction_check(tx, fork, 0);
    if (verdict == TRANSACTION_OK && tx->has_chain_id && tx->chain_id != CHAIN_ID)
        verdict = TRANSACTION_WRONG_CHAIN_ID;
    if (verdict != TRANSACTION_OK)
        return transaction_verdict_text(verdict);
    transaction_intrinsic_gas(tx, fork, intrinsic_gas); /* fits: it was checked */
    return NULL;
}

static bool inspect_line(void *context, char *line)
{
    const enum vm_fork *fork = context;
    struct arena arena = {0};
    struct buffer encoded = {0};
    struct transaction tx;
    uint64_t gas = 0;
    const char *refused = "not 0x and an even number of hex digits";
    if (hex_decode_append(&encoded, line, strlen(line)))
        refused = inspect(buffer_view(&encoded), *fork, &tx, &gas, &arena);
    if (refused != NULL) {
        printf("{\"error\":\"%s\"}\n", refused);
    } else {
        char sender[2 * sizeof tx.sender.bytes];
        char hash[2 * sizeof tx.hash.bytes];
        hex_encode(sender, tx.sender.bytes, sizeof tx.sender.bytes);
        hex_encode(hash, tx.hash.bytes, sizeof tx.hash.bytes);
        printf("{\"address\":\"0x%.*s\",\"hash\":\"0x%.*s\",\"intrinsicGas\":\"0x%" PRIx64 "\"}\n",
               (int)sizeof sender, sender, (int)sizeof hash, hash, gas);
    }
    buffer_cleanup(&encoded);
    arena_cleanup(&arena);
    return true;
}

int tx_command(int count, char **arguments)
{
    enum vm_fork fork = VM_FORK_NEWEST;
    struct error error = {0};
    bool has_fork = count == 2 && strcmp(arguments[0], "--fork") == 0;
    if (count != 0 && !has_fork) {
        fprintf(stderr, "levm: tx: expected nothing or '--fork FORK'; see: levm help tx\n");
        return EXIT_USAGE;
    }
    if (has_fork && !command_fork(&fork, arguments[1], &error))
        return command_failed(&error);
    lines_each(inspect_line, &fork);
    return EXIT_DONE;
}
