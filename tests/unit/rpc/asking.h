/* Asking the methods of one fake node: what the tests of methods start with. */
#ifndef TESTS_UNIT_RPC_ASKING_H
#define TESTS_UNIT_RPC_ASKING_H
#include "tests/unit/rpc/fake_host.h"
#include <jansson.h>

/* Some that stand in many a test's parameters. */
#define ADDRESS "\"0x00000000000000000000000000000000000a11ce\""
#define HASH    "\"0x1111111111111111111111111111111111111111111111111111111111111111\""

/* Between asking_start() and asking_stop(), which are a suite's .init and .fini. */
extern struct fake_host fake;
extern struct rpc_limits limits;

void asking_start(void);
void asking_stop(void);

/* The whole answer of one call of the operator's; the caller decrefs. */
json_t *ask(const char *method, const char *params);
/* The answer's member "result" or "error", of a call of anybody's; the caller decrefs. */
json_t *ask_for(const char *method, const char *params, const char *member);

void expect_result(const char *method, const char *params, const char *expected);
/* `words` stand in the error's message. */
void expect_error(const char *method, const char *params, int code, const char *words);

/* The text at `member`, "(none)" without one. */
const char *text_at(const json_t *object, const char *member);
#endif
