/* Contract interfaces: types, functions, events and errors, from ABI JSON (also solc's,
 * Hardhat's and Foundry's artifacts) or from one human-readable line.
 *
 * Both forms come from outside: lists, depths, sizes and names have a named maximum. All of an
 * interface lives in the caller's arena. Source: Solidity documentation, "Contract ABI
 * Specification". */
#ifndef LEDGER_CODEC_ABI_TYPE_H
#define LEDGER_CODEC_ABI_TYPE_H
#include "vm/base/arena.h"
#include "vm/base/error.h"
#include "vm/base/u256.h"

#include <jansson.h>

#define ABI_DEPTH_MAX     16     /* of arrays and tuples inside each other */
#define ABI_PARAMS_MAX    128    /* of a list or tuple */
#define ABI_ENTRIES_MAX   4096   /* of an interface */
#define ABI_NAME_MAX      128    /* characters */
#define ABI_SIGNATURE_MAX 8192   /* characters of a human-readable or canonical signature */
#define ABI_HEAD_MAX      262144 /* bytes of a type's head part */

enum abi_kind {
    ABI_UINT,
    ABI_INT,
    ABI_ADDRESS,
    ABI_BOOL,
    ABI_FIXED_BYTES, /* bytes1 to bytes32, and function (24 bytes) */
    ABI_BYTES,
    ABI_STRING,
    ABI_ARRAY, /* T[k] or T[] */
    ABI_TUPLE,
};

struct abi_type {
    enum abi_kind kind;
    unsigned size;    /* bits of an integer, bytes of fixed bytes */
    bool is_function; /* fixed bytes written "function" */
    bool is_dynamic;  /* encoded in the tail */
    bool is_unsized;  /* T[] */
    size_t length;    /* of T[k] */
    size_t head_size; /* bytes: 32 if dynamic, else of the whole value */
    const struct abi_type *element;
    struct abi_param *fields;
    size_t fields_count;
};

struct abi_param {
    const char *name; /* may be empty */
    bool is_indexed;  /* of an event */
    struct abi_type type;
};

enum abi_entry_kind {
    ABI_FUNCTION,
    ABI_CONSTRUCTOR,
    ABI_EVENT,
    ABI_ERROR,
};

struct abi_entry {
    enum abi_entry_kind kind;
    const char *name;
    const char *signature; /* canonical: "transfer(address,uint256)" */
    hash256 hash;          /* keccak256 of it: topic 0; the first four bytes are the selector */
    bool is_view;          /* view or pure: nothing to send */
    bool is_payable;
    bool is_anonymous;
    struct abi_param *inputs;
    size_t inputs_count;
    struct abi_param *outputs;
    size_t outputs_count;
};

struct abi {
    struct abi_entry *entries;
    size_t entries_count;
};

/* "uint256", "(address to,uint256)[]", "tuple(bytes32)[3]"; the whole text. */
bool abi_type_parse(struct abi_type *type, const char *text, struct arena *arena,
                    struct error *error) __attribute__((warn_unused_result));
/* Appends the canonical name: "(address,uint256)[]". */
void abi_type_format(const struct abi_type *type, struct buffer *out);

/* "transfer(address,uint256)(bool)", "function f(uint a) view returns (uint)",
 * "event Transfer(address indexed from, address indexed to, uint256 value)",
 * "error Refused(uint256 code)", "constructor(string name)". A bare name(...) is a function;
 * one with outputs and no mutability word is called or sent as the user asks. */
bool abi_entry_parse(struct abi_entry *entry, const char *text, struct arena *arena,
                     struct error *error) __attribute__((warn_unused_result));

/* An array of entries, or an object with it under "abi". Entries of other types (fallback,
 * receive) are left out. */
bool abi_load(struct abi *abi, const json_t *document, struct arena *arena, struct error *error)
    __attribute__((warn_unused_result));

/* A function or constructor by name or full signature. ERROR_NOT_FOUND names what there is;
 * ERROR_INVALID lists the overloads when a bare name and `inputs_count` do not decide. */
const struct abi_entry *abi_find_function(const struct abi *abi, const char *name,
                                          size_t inputs_count, struct error *error);
/* The constructor, or NULL: then there is nothing to pass. */
const struct abi_entry *abi_find_constructor(const struct abi *abi);
const struct abi_entry *abi_find_event(const struct abi *abi, const hash256 *topic,
                                       size_t indexed_count);
const struct abi_entry *abi_find_error(const struct abi *abi, const uint8_t selector[4]);
#endif
