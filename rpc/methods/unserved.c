#include "rpc/methods/unserved.h"

#include <string.h>

static const char KEYS[] = "the node keeps no keys of users: sign in a wallet and send the result "
                           "with eth_sendRawTransaction";
static const char MINING[] = "a committee makes the blocks, nothing is mined; org_get shows it";
static const char DEVELOPMENT[] =
    "this is no development chain: time, balances and blocks cannot be set; lnode --dev starts a "
    "throw-away ledger with funded accounts";

/* A name, or the beginning of one where it ends in an underscore. */
static const struct {
    const char *name;
    const char *advice;
} ADVICE[] = {
    {"eth_sign", KEYS},
    {"eth_signTransaction", KEYS},
    {"eth_signTypedData", KEYS},
    {"eth_signTypedData_v3", KEYS},
    {"eth_signTypedData_v4", KEYS},
    {"eth_sendTransaction", KEYS},
    {"eth_fillTransaction",
     "use eth_getTransactionCount, eth_estimateGas and eth_maxPriorityFeePerGas"},
    {"eth_requestAccounts", KEYS},
    {"eth_resend", KEYS},
    {"eth_pendingTransactions", "use txpool_content"},
    {"eth_mining", MINING},
    {"eth_hashrate", MINING},
    {"eth_getWork", MINING},
    {"eth_submitWork", MINING},
    {"eth_submitHashrate", MINING},
    {"eth_getCompilers", "compile with solc and send the bytecode"},
    {"eth_compileSolidity", "compile with solc and send the bytecode"},
    {"eth_sendBundle", "send each transaction with eth_sendRawTransaction"},
    {"eth_callMany", "use eth_simulateV1"},
    {"eth_getStorageValues",
     "use eth_getStorageAt in a batch, or eth_getProof for up to 1024 slots of an account"},
    {"eth_getBlockAccessList", "ledgers of forks up to Osaka keep no block access lists"},
    {"debug_getRawBlockAccessList", "ledgers of forks up to Osaka keep no block access lists"},
    {"debug_getBadBlocks", "an invalid block is refused and not kept"},
    {"debug_setHead", "blocks are final; nothing is ever set back"},
    {"debug_storageRangeAt", "use eth_getStorageAt or eth_getProof"},
    {"debug_accountRange", "use lnode export"},
    {"personal_", KEYS},
    {"account_", KEYS},
    {"wallet_", "these are a browser wallet's own methods: ask the wallet, not the node"},
    {"clique_", MINING},
    {"miner_", MINING},
    {"engine_", "blocks come from the organisation's own committee, not from a consensus client"},
    {"admin_", "the operator's view of the node is `lnode status` and GET /health"},
    {"les_", "there are no light servers; org_getFinalityProof and eth_getProof prove what the "
             "node says"},
    {"trace_", "use debug_traceTransaction or debug_traceCall with the tracer callTracer"},
    {"ots_", "use debug_traceTransaction and eth_getBlockReceipts"},
    {"erigon_", "use eth_getBlockByNumber and eth_getLogs"},
    {"parity_", "use txpool_content or the eth_ methods"},
    {"bor_", "use the eth_ methods"},
    {"shh_", "whisper is gone from Ethereum; there is no replacement here"},
    {"bzz_", "swarm is not served here"},
    {"evm_", DEVELOPMENT},
    {"hardhat_", DEVELOPMENT},
    {"anvil_", DEVELOPMENT},
    {"ganache_", DEVELOPMENT},
    {"tenderly_", DEVELOPMENT},
};

const char *unserved_advice(struct bytes name)
{
    for (size_t index = 0; index < sizeof ADVICE / sizeof *ADVICE; index++) {
        const size_t size = strlen(ADVICE[index].name);
        const bool is_prefix = ADVICE[index].name[size - 1] == '_';
        if ((is_prefix ? name.size > size : name.size == size)
            && memcmp(name.data, ADVICE[index].name, size) == 0)
            return ADVICE[index].advice;
    }
    return NULL;
}
