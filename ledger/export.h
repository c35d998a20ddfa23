/* A ledger in go-ethereum's own forms, so that a third-party EVM can replay it block by block to
 * the same roots: a genesis file, and blocks as concatenated RLP. */
#ifndef LEDGER_EXPORT_H
#define LEDGER_EXPORT_H
#include "ledger/ledger.h"

/* Appends the genesis as geth's JSON: config with chain id and fork times, alloc, header. */
bool export_genesis(const struct ledger_view *view, struct buffer *out, struct error *error)
    __attribute__((warn_unused_result));
/* Appends the block at `height` as geth encodes it (its own RLP, without our container). */
bool export_block(const struct ledger_view *view, uint64_t height, struct buffer *out,
                  struct error *error) __attribute__((warn_unused_result));
/* How far a third-party EVM comes: up to the first block that only ours can execute. */
bool export_replayable(const struct ledger_view *view, uint64_t *height, struct error *error)
    __attribute__((warn_unused_result));
#endif
