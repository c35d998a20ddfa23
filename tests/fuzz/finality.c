/* What proves finality: certificates, epoch records, finality proofs; and receipts. The first
 * byte says which. */
#include "ledger/chain/finality.h"
#include "ledger/chain/receipt.h"
#include "tests/fuzz/target.h"

static bool again_from(uint8_t kind, struct bytes input, struct buffer *again, struct arena *arena)
{
    struct certificate certificate;
    struct epoch_record record;
    struct finality_proof proof;
    struct receipt receipt;
    bool ok = false;

    switch (kind % 4) {
    case 0:
        if ((ok = certificate_decode(&certificate, input, arena)))
            certificate_encode(&certificate, again);
        return ok;
    case 1:
        if ((ok = epoch_record_decode(&record, input, arena)))
            epoch_record_encode(&record, again);
        return ok;
    case 2:
        if ((ok = finality_proof_decode(&proof, VM_FORK_CANCUN, input, arena)))
            finality_proof_encode(&proof, VM_FORK_CANCUN, again);
        return ok;
    default:
        if ((ok = receipt_decode(&receipt, input, arena)))
            receipt_encode(&receipt, again);
        return ok;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    must_encode_again(data, size, again_from);
    return 0;
}
