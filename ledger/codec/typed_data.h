/* Typed messages (EIP-712): a JSON document that says what is signed, field by field.
 *
 *   digest = keccak256(0x19 0x01 | hashStruct(domain) | hashStruct(message))
 *   hashStruct(s) = keccak256(keccak256(encodeType(s)) | one word a field)
 *
 * The document comes from a program that wants a signature, so everything in it is checked
 * against its own types: a field that is missing, of another type or not declared is refused
 * rather than left out of what a person reads. Also here: personal messages (EIP-191). */
#ifndef LEDGER_CODEC_TYPED_DATA_H
#define LEDGER_CODEC_TYPED_DATA_H
#include "vm/base/arena.h"
#include "vm/base/error.h"

#include <jansson.h>

#define TYPED_TYPES_MAX  64
#define TYPED_FIELDS_MAX 64    /* of one type */
#define TYPED_DEPTH_MAX  16    /* of structs and arrays inside each other */
#define TYPED_VALUES_MAX 10000 /* in one document */

struct typed_data {
    hash256 digest;     /* what is signed */
    const char *title;  /* the primary type: "Permit" */
    struct bytes lines; /* the domain and every field in words, one a line, safe for a terminal */
};

/* All of it lives in `arena`. */
bool typed_data_read(struct typed_data *out, const json_t *document, struct arena *arena,
                     struct error *error) __attribute__((warn_unused_result));

/* EIP-191, version 0x45: keccak256("\x19" "Ethereum Signed Message:\n" size message). */
hash256 personal_message_digest(struct bytes message);
#endif
