/* Checks a Merkle proof with nothing of the trie's own code: yellow paper, appendix D, read node by
 * node from the root's hash on. */
#ifndef TESTS_UNIT_LEDGER_PROOF_CHECK_H
#define TESTS_UNIT_LEDGER_PROOF_CHECK_H
#include "ledger/trie/trie.h"

/* True if the proof shows that `key` has *value (empty: none) under `root`, with no node too many. */
bool proof_shows(const hash256 *root, const hash256 *key, const struct trie_proof *proof,
                 struct bytes *value);
#endif
