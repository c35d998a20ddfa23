/* One workload of `levm bench`: a JSON file of one object.
 *
 *   name      text; what it is called
 *   group     text; what it is listed under
 *   code      0x-hex, run at `receiver`
 *   input     0x-hex, optional
 *   gas       how much it is given; optional
 *   output    0x-hex: what it must return
 *   gasUsed   what it must use (without intrinsic gas), optional
 *   status    how it must end, by vm_status_name(); optional: "success"
 *   fork      optional: the newest
 *   prestate  other accounts, as in a state test's `pre`; optional
 *   sender, receiver, value   optional, as `levm run` has them
 *
 * Other members are for those who read the file. */
#ifndef LEDGER_LEVM_WORKLOAD_H
#define LEDGER_LEVM_WORKLOAD_H
#include "ledger/levm/call.h"
#include "vm/base/arena.h"

#define WORKLOAD_NAME_MAX 80

struct workload {
    char name[WORKLOAD_NAME_MAX + 1];
    char group[WORKLOAD_NAME_MAX + 1];
    struct call call;
    struct bytes output;
    bool has_gas_used;
    uint64_t gas_used;
    enum vm_status status;
    struct arena arena;
};

/* Free with workload_cleanup(), also on failure. */
bool workload_read(struct workload *workload, const char *path, struct error *error)
    __attribute__((warn_unused_result));
void workload_cleanup(struct workload *workload);
/* What came out against what must: ERROR_CORRUPT names the difference. */
bool workload_check(const struct workload *workload, const struct call_outcome *outcome,
                    struct error *error) __attribute__((warn_unused_result));
#endif
