/* How large a ledger's store is; what store.h tells of it to everybody above. */
#ifndef LEDGER_STORE_FIGURES_H
#define LEDGER_STORE_FIGURES_H
#include <stdint.h>

#define STORE_LEVELS 7 /* of LevelDB: config::kNumLevels */

struct store_figures {
    uint64_t size_bytes;          /* of its sorted files; the write-ahead log is beside them */
    uint64_t files[STORE_LEVELS]; /* by level */
};
#endif
