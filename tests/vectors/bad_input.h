/* Wrong usage and damaged files: one line on stderr, nothing on stdout, the right exit code. */
#ifndef TESTS_VECTORS_BAD_INPUT_H
#define TESTS_VECTORS_BAD_INPUT_H
#include "tests/vectors/tool.h"

void bad_input_run(const char *levm, struct tally *tally);
#endif
