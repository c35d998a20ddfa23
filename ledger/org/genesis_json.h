/* The genesis document as JSON values; the only place that names its keys. Formats and bounds
 * as text: docs/formats.md. */
#ifndef LEDGER_ORG_GENESIS_JSON_H
#define LEDGER_ORG_GENESIS_JSON_H
#include "ledger/org/genesis.h"

struct json_t;

#define GENESIS_DOCUMENT_VERSION 1

/* A new reference. */
struct json_t *genesis_to_json(const struct genesis *genesis);

/* Every key must be there, of its type, and no other. Rules beyond form are genesis_check()'s. */
bool genesis_from_json(struct genesis *genesis, const struct json_t *document, struct arena *arena,
                       struct error *error) __attribute__((warn_unused_result));
#endif
