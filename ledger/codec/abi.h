/* Values in the contract ABI: encoding calls, decoding answers, events and reverts.
 *
 *   a value list:  head (32 bytes for a dynamic value: the offset of its tail, counted from
 *                  the start of the list; else the value itself) | tails
 *
 * What is decoded comes from strangers: offsets and counts are checked against the data, and
 * the whole result is bounded, since many offsets may point at the same tail. Integers outside
 * their type's range, booleans other than 0 and 1 and dirty high bytes of an address are
 * refused. Source: Solidity documentation, "Contract ABI Specification". */
#ifndef LEDGER_CODEC_ABI_H
#define LEDGER_CODEC_ABI_H
#include "ledger/codec/abi_type.h"

#define ABI_VALUES_MAX 65536              /* values in one decoded list, nested ones included */
#define ABI_BYTES_MAX  (4u * 1024 * 1024) /* of all bytes and strings in it */

/* A value of some type: a word (two's complement for a negative integer; an address in its low
 * bytes; fixed bytes in its high bytes), bytes, or items. */
struct abi_value {
    u256 word;
    struct bytes bytes;
    struct abi_value *items;
    size_t items_count;
};

/* Appends the encoding of `values`, one for each of `params`. */
void abi_encode(const struct abi_param *params, const struct abi_value *values, size_t count,
                struct buffer *out);

/* Fills `values` (`count` of them) from the whole of `data`; bytes are borrowed from it, lists
 * live in `arena`. */
bool abi_decode(const struct abi_param *params, size_t count, struct bytes data,
                struct abi_value *values, struct arena *arena, struct error *error)
    __attribute__((warn_unused_result));

/* Selector and arguments. */
void abi_encode_call(const struct abi_entry *function, const struct abi_value *values,
                     struct buffer *out);

/* An event's values in the order of its inputs. An indexed value of a dynamic type is only its
 * hash: *is_hash[i] says so, and the word holds it. `is_hash` has room for all inputs. */
bool abi_decode_event(const struct abi_entry *event, const hash256 *topics, size_t topics_count,
                      struct bytes data, struct abi_value *values, bool *is_hash,
                      struct arena *arena, struct error *error) __attribute__((warn_unused_result));
#endif
