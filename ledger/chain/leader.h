/* Who leads a view: leader(e, v) = perm_e[v mod n], where perm_e is a Fisher-Yates shuffle seeded
 * by keccak256("leader" | mixHash of the epoch's seal), the last block of the epoch before (block
 * 0 for the first). Never from certificate bytes, which differ between nodes. consensus 2.1.
 *
 * The shuffle: for i from n - 1 down to 1, swap places i and j, where j is the first 8 bytes of
 * keccak256(seed | i as u64), big-endian, modulo i + 1. */
#ifndef LEDGER_CHAIN_LEADER_H
#define LEDGER_CHAIN_LEADER_H
#include "ledger/chain/finality.h"

/* The permutation itself: view v is led by leaders[v % committee_size]. It hashes once a member;
 * who asks often keeps it. */
void leaders_of_epoch(const hash256 *seal_mix_hash, unsigned committee_size,
                      unsigned leaders[COMMITTEE_SIZE_MAX]);
/* The committee index of the leader of `view`; `committee_size` is 1 to COMMITTEE_SIZE_MAX. */
unsigned leader_of_view(const hash256 *seal_mix_hash, unsigned committee_size, uint64_t view);
#endif
