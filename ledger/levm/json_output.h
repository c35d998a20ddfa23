/* Members of objects to print, in go-ethereum's forms. */
#ifndef LEDGER_LEVM_JSON_OUTPUT_H
#define LEDGER_LEVM_JSON_OUTPUT_H
#include <jansson.h>
#include <stdio.h>

#include "vm/base/bytes.h"
#include "vm/base/u256.h"

void output_text(json_t *object, const char *name, const char *text);
void output_bytes(json_t *object, const char *name,
                  struct bytes bytes); /* "0x..": two digits each */
void output_hash(json_t *object, const char *name, const hash256 *hash);
void output_address(json_t *object, const char *name, const address *account);
/* Quantities: "0x1f". */
void output_u64(json_t *object, const char *name, uint64_t value);
void output_u256(json_t *object, const char *name, const u256 *value);

#define OUTPUT_HASH_SIZE    67 /* "0x", 64 digits, final zero */
#define OUTPUT_ADDRESS_SIZE 43
void output_format(char *out, const uint8_t *bytes, size_t size);

/* Prints with two spaces of indent and an end of line; false if the stream fails. */
bool output_print(const json_t *value, FILE *file);
#endif
