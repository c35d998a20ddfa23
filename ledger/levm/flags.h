/* Options as go's tools take them: `--name value`, `--name=value`, one dash as good as two; a
 * switch is `--name`, or `--name=false`. What is no option, "-" included, is an argument. */
#ifndef LEDGER_LEVM_FLAGS_H
#define LEDGER_LEVM_FLAGS_H
#include <stddef.h>

#include "vm/base/error.h"

/* Either takes a value or is a switch: one of the two pointers is set. A flag that is not given
 * leaves what it points to as it was. */
struct flag {
    const char *name;
    const char **value;
    bool *is_on;
};

/* Reads options and moves arguments to the front; *count becomes their number. ERROR_INVALID for
 * an option that is unknown or lacks its value, and for more than `arguments_max` arguments. */
bool flags_parse(const struct flag *flags, size_t flags_count, char **arguments, int *count,
                 int arguments_max, struct error *error) __attribute__((warn_unused_result));
#endif
