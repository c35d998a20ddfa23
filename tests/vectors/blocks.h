/* Blockchain tests: every block of a chain is decoded, executed and compared with its header. */
#ifndef TESTS_VECTORS_BLOCKS_H
#define TESTS_VECTORS_BLOCKS_H
#include "tests/vectors/tool.h"

void blocks_on_test(void *tally, const char *name, const json_t *fields);
#endif
