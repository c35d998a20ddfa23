/* The system contracts' code as the pinned compiler made it: artifacts/NAME.json, embedded by
 * CMake. What each does is said in its NAME.sol. */
#ifndef LEDGER_CONTRACTS_CONTRACTS_H
#define LEDGER_CONTRACTS_CONTRACTS_H

/* Runtime code in hex digits with 0x in front; neither has a constructor. */
extern const char PUBLIC_OUTBOX_CODE[]; /* at WITHDRAWALS_ADDRESS of ledger/chain/system_calls.h */
extern const char SEAL_OUTBOX_CODE[];   /* at CONSOLIDATIONS_ADDRESS */

/* Init code; its constructor's arguments come behind it (ledger/org/committee.h). */
extern const char COMMITTEE_INIT_CODE[];

/* What one of them puts into a block at most (Outbox.sol; RLP headers take up to 3 bytes an
 * entry and 4 for the list). */
#define OUTBOX_DRAIN_MAX      64
#define OUTBOX_ENTRY_SIZE_MAX 1024
#define OUTBOX_DATA_SIZE_MAX  (OUTBOX_DRAIN_MAX * (OUTBOX_ENTRY_SIZE_MAX + 3) + 4)
/* What a block's container holds beside its form in geth (ledger/chain/block.h): reveal, blind, and
 * what the two outboxes drain. */
#define CONTAINER_OVERHEAD_MAX (4096 + 2 * OUTBOX_DATA_SIZE_MAX)
#endif
