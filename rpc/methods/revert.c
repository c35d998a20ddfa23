#include "rpc/methods/revert.h"

#include <inttypes.h>

#define REASON_MAX 800 /* characters shown; the data holds all of it */

static const uint8_t SELECTOR_ERROR[4] = {0x08, 0xc3, 0x79, 0xa0}; /* Error(string) */
static const uint8_t SELECTOR_PANIC[4] = {0x4e, 0x48, 0x7b, 0x71}; /* Panic(uint256) */

/* Solidity documentation, "Panic via assert and Error via require"; geth's wording. */
static const struct {
    uint64_t code;
    const char *text;
} PANICS[] = {
    {0x00, "generic panic"},
    {0x01, "assert(false)"},
    {0x11, "arithmetic underflow or overflow"},
    {0x12, "division or modulo by zero"},
    {0x21, "enum overflow"},
    {0x22, "invalid encoded storage byte array accessed"},
    {0x31, "out-of-bounds array access; popping on an empty array"},
    {0x32, "out-of-bounds access of an array or bytesN"},
    {0x41, "out of memory"},
    {0x51, "uninitialized function"},
};

static bool word_at(struct bytes data, uint64_t offset, uint64_t *value)
{
    if (data.size < 32 || offset > data.size - 32)
        return false;
    u256 word = u256_load_be(data.data + offset, 32);
    *value = word.limbs[0];
    return u256_fits_u64(&word);
}

/* ABI: offset of the string, there its size and bytes. */
static const char *error_string(struct bytes arguments, struct arena *arena)
{
    uint64_t offset, size;
    if (!word_at(arguments, 0, &offset) || !word_at(arguments, offset, &size))
        return NULL;
    size_t left = arguments.size - 32 - (size_t)offset;
    if (size > left)
        return NULL;
    return arena_text(arena, bytes_of(arguments.data + offset + 32,
                                      size > REASON_MAX ? REASON_MAX : (size_t)size));
}

static const char *panic_text(struct bytes arguments, struct arena *arena)
{
    uint64_t code;
    if (!word_at(arguments, 0, &code))
        return NULL;
    for (size_t index = 0; index < sizeof PANICS / sizeof *PANICS; index++)
        if (PANICS[index].code == code)
            return PANICS[index].text;
    return arena_format(arena, "unknown panic code: 0x%" PRIx64, code);
}

const char *revert_reason(struct bytes output, struct arena *arena)
{
    if (output.size < 4)
        return NULL;
    struct bytes arguments = bytes_of(output.data + 4, output.size - 4);
    if (memcmp(output.data, SELECTOR_ERROR, 4) == 0)
        return error_string(arguments, arena);
    if (memcmp(output.data, SELECTOR_PANIC, 4) == 0)
        return panic_text(arguments, arena);
    return NULL;
}

enum call_outcome revert_fail(struct call *call, struct bytes output)
{
    const char *reason = revert_reason(output, call->arena);
    call->error_data = arena_copy(call->arena, output);
    call->has_error_data = true;
    return call_fail(call, RPC_REVERTED, "execution reverted%s%s", reason != NULL ? ": " : "",
                     reason != NULL ? reason : "");
}
