/* Every precompile of the newest fork on any bytes: what can be paid runs, answers twice alike, and
 * fails without output. Beyond that, BN254's multiples add up, and modexp agrees with words squared
 * and multiplied.
 *
 * byte 0: which precompile | its input; and from byte 1 on, two scalars, or three words. */
#include "tests/fuzz/target.h"
#include "vm/base/u256.h"
#include "vm/precompiles.h"

#define GAS 200000

static void any_bytes(uint8_t which, struct bytes input)
{
    address account;
    size_t count = 0;
    while (vm_precompile_at(VM_FORK_OSAKA, count, &account))
        count++;
    must(vm_precompile_at(VM_FORK_OSAKA, which % count, &account), "a precompile is gone");
    for (enum vm_fork fork = VM_FORK_CANCUN; fork < VM_FORK_COUNT; fork++) {
        const struct vm_precompile *precompile = vm_precompile_find(fork, &account);
        struct buffer first = {0}, second = {0};
        if (precompile == NULL || precompile->gas(input) > GAS)
            continue;
        bool is_good = precompile->run(input, &first);
        must(precompile->run(input, &second) == is_good, "another verdict");
        must(bytes_equal(buffer_view(&first), buffer_view(&second)), "another output");
        must(is_good || first.size == 0, "a failure with output");
        buffer_cleanup(&first);
        buffer_cleanup(&second);
    }
}

static struct buffer run(uint8_t number, struct bytes input)
{
    struct buffer output = {0};
    const address account = {{[19] = number}};
    must(vm_precompile_find(VM_FORK_CANCUN, &account)->run(input, &output), "a good input fails");
    return output;
}

static void append_word(struct buffer *out, const u256 *word)
{
    u256_store_be(buffer_extend(out, 32), word);
}

/* The generator of BN254, (1, 2), times a scalar. */
static struct buffer multiple(const u256 *scalar)
{
    struct buffer input = {0};
    const u256 two = u256_from_u64(2);
    append_word(&input, &U256_ONE);
    append_word(&input, &two);
    append_word(&input, scalar);
    struct buffer point = run(7, buffer_view(&input));
    buffer_cleanup(&input);
    return point;
}

static void multiples_add_up(const u256 *a, const u256 *b)
{
    /* the order of the curve, EIP-196 */
    static const u256 order = {{UINT64_C(0x43e1f593f0000001), UINT64_C(0x2833e84879b97091),
                                UINT64_C(0xb85045b68181585d), UINT64_C(0x30644e72e131a029)}};
    const u256 sum = u256_addmod(a, b, &order);
    struct buffer input = multiple(a), other = multiple(b), expected = multiple(&sum);
    buffer_append_bytes(&input, buffer_view(&other));
    struct buffer got = run(6, buffer_view(&input));
    must(bytes_equal(buffer_view(&got), buffer_view(&expected)), "multiples do not add up");
    buffer_cleanup(&input);
    buffer_cleanup(&other);
    buffer_cleanup(&expected);
    buffer_cleanup(&got);
}

static void powers_agree(const u256 *base, const u256 *exponent, const u256 *modulus)
{
    struct buffer input = {0};
    const u256 size = u256_from_u64(32);
    u256 expected = u256_mod(&U256_ONE, modulus);
    for (unsigned bit = 256; bit-- > 0;) {
        expected = u256_mulmod(&expected, &expected, modulus);
        if (exponent->limbs[bit / 64] >> (bit % 64) & 1)
            expected = u256_mulmod(&expected, base, modulus);
    }
    for (unsigned i = 0; i < 3; i++)
        append_word(&input, &size);
    append_word(&input, base);
    append_word(&input, exponent);
    append_word(&input, modulus);
    struct buffer got = run(5, buffer_view(&input));
    must(got.size == 32, "a power of another size");
    const u256 number = u256_load_be(got.data, got.size);
    must(u256_equal(&number, &expected), "modexp differs from words");
    buffer_cleanup(&input);
    buffer_cleanup(&got);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    u256 words[3];
    if (size < 1)
        return 0;
    any_bytes(data[0], bytes_of(data + 1, size - 1));
    if (size < 1 + sizeof words)
        return 0;
    for (size_t i = 0; i < 3; i++)
        words[i] = u256_load_be(data + 1 + 32 * i, 32);
    multiples_add_up(&words[0], &words[1]);
    powers_agree(&words[0], &words[1], &words[2]);
    return 0;
}
