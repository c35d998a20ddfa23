/* levm tx: a transaction a line in, who sent it and what it costs at least out. */
#include <inttypes.h>
#include <stdio.h>

#include "ledger/levm/command.h"
#include "ledger/levm/flags.h"
#include "ledger/levm/lines.h"
#include "ledger/levm/transaction_input.h"
#include "vm/base/hex.h"

#define CHAIN_ID 1

/* Everything that can be said without a state, or why the transaction is none. */
static const char *inspect(struct bytes encoded, enum vm_fork fork, struct transaction *tx,
                           uint64_t *intrinsic_gas, struct arena *arena)
{
    enum rlp_verdict rlp;
    enum transaction_verdict verdict = transaction_input_signed(tx, encoded, CHAIN_ID, arena, &rlp);
    if (verdict == TRANSACTION_BAD_RLP)
        return rlp_verdict_text(rlp);
    if (verdict == TRANSACTION_OK)
        verdict = transaction_check(tx, fork, 0);
    if (verdict != TRANSACTION_OK)
        return transaction_verdict_text(verdict);
    transaction_intrinsic_gas(tx, fork, intrinsic_gas); /* fits: it was checked */
    return NULL;
}

static bool inspect_line(void *context, char *line, struct error *error)
{
    (void)error; /* what is wrong with a line stands in its answer */
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
    const char *name = NULL;
    const struct flag flags[] = {
        {.name = "fork", .value = &name},
        {.name = "state.fork", .value = &name},
    };
    if (!flags_parse(flags, sizeof flags / sizeof flags[0], arguments, &count, 0, &error))
        return command_misused("tx", &error);
    if (name != NULL && !command_fork(&fork, name, &error))
        return command_failed(&error);
    return lines_each(inspect_line, &fork, &error) ? EXIT_DONE : command_failed(&error);
}
