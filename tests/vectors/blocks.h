/* Blockchain tests: every block of a chain is decoded, goes through `levm t8n`, whose alloc is the
 * next one's, and what t8n says is compared with its header. */
#ifndef TESTS_VECTORS_BLOCKS_H
#define TESTS_VECTORS_BLOCKS_H
#include "tests/vectors/tool.h"

/* For vectors_each(); the context is a struct vectors_runner. */
void blocks_on_test(void *context, const char *name, const json_t *fields);
#endif
