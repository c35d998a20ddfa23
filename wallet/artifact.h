/* What compilers wrote: a contract's interface and code. */
#ifndef WALLET_ARTIFACT_H
#define WALLET_ARTIFACT_H
#include "ledger/codec/abi_type.h"
#include "wallet/wallet.h"

#define ARTIFACT_SIZE_MAX (64u * 1024 * 1024)

struct artifact {
    struct abi abi;
    bool has_abi;
    struct bytes code; /* to deploy; empty if there is none */
};

/* A file of Hardhat, Foundry or solc (--combined-json, standard JSON; --contract chooses), a
 * bare ABI list, or bare code in hex (solc's .bin). In the wallet's arena. */
bool artifact_read(struct wallet *wallet, const char *path, struct artifact *artifact,
                   struct error *error) __attribute__((warn_unused_result));

/* Code as hex digits on the command line or from artifact_read(). */
bool artifact_find(struct wallet *wallet, const char *text, struct artifact *artifact,
                   struct error *error) __attribute__((warn_unused_result));

/* What --abi names: a file, or one signature. An empty interface without it. */
bool artifact_read_abi(struct wallet *wallet, struct abi *abi, struct error *error)
    __attribute__((warn_unused_result));
#endif
