/* Transactions in EIP-2718 form: decode, encode, and what may be asked of a decoded one. */
#include "ledger/chain/transaction.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct buffer again = {0};
    struct transaction tx;
    struct bytes input = bytes_of(data, size);

    if (transaction_decode(&tx, input, &arena, NULL) == TRANSACTION_OK) {
        uint64_t gas;
        u256 cost;
        transaction_encode(&tx, &again);
        must(bytes_equal(buffer_view(&again), input), "a decoded transaction encodes differently");
        must(bytes_equal(tx.encoded, input), "the kept encoding is not the input");
        (void)transaction_check(&tx, VM_FORK_NEWEST, tx.chain_id);
        (void)transaction_intrinsic_gas(&tx, VM_FORK_NEWEST, &gas);
        (void)transaction_floor_gas(&tx, VM_FORK_NEWEST);
        (void)transaction_cost_max(&tx, &cost);
        (void)transaction_recover(&tx);
    }
    buffer_cleanup(&again);
    arena_cleanup(&arena);
    return 0;
}
