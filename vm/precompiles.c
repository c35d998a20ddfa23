#include "vm/precompiles.h"

#include "vm/base/cursor.h"
#include "vm/crypto/blake2.h"
#include "vm/crypto/bn254.h"
#include "vm/crypto/digest.h"
#include "vm/crypto/modexp.h"
#include "vm/crypto/p256.h"
#include "vm/crypto/recover.h"
#include "vm/crypto/ripemd160.h"
#include "vm/gas.h"
#include "vm/precompiles_bls12.h"

static uint64_t by_words(struct bytes input, uint64_t base, uint64_t word)
{
    return base + word * gas_words(input.size);
}

static uint64_t ecrecover_gas(struct bytes input)
{
    (void)input;
    return 3000;
}

/* digest 32 | v 32, 27 or 28 | r 32 | s 32, missing bytes are zero. What recovers no signer is
 * answered with nothing, and high s is accepted (EIP-2 is about transactions only). */
static bool ecrecover_run(struct bytes input, struct buffer *output)
{
    uint8_t padded[128] = {0};
    size_t size = input.size < sizeof padded ? input.size : sizeof padded;
    if (size > 0)
        memcpy(padded, input.data, size);
    u256 v = u256_load_be(padded + 32, 32);
    if (!u256_fits_u64(&v) || (v.limbs[0] != 27 && v.limbs[0] != 28))
        return true;

    hash256 digest;
    signature sig;
    address signer;
    memcpy(digest.bytes, padded, sizeof digest.bytes);
    memcpy(sig.bytes, padded + 64, 64);
    sig.bytes[64] = (uint8_t)(v.limbs[0] - 27);
    if (signature_recover_address(&sig, &digest, &signer)) {
        static const uint8_t zeros[12];
        buffer_append(output, zeros, sizeof zeros);
        buffer_append(output, signer.bytes, sizeof signer.bytes);
    }
    return true;
}

static uint64_t sha256_gas(struct bytes input)
{
    return by_words(input, 60, 12);
}

static bool sha256_run(struct bytes input, struct buffer *output)
{
    hash256 hash = sha256(input);
    buffer_append(output, hash.bytes, sizeof hash.bytes);
    return true;
}

static uint64_t ripemd160_gas(struct bytes input)
{
    return by_words(input, 600, 120);
}

static bool ripemd160_run(struct bytes input, struct buffer *output)
{
    uint8_t padded[32] = {0};
    ripemd160(padded + 12, input);
    buffer_append(output, padded, sizeof padded);
    return true;
}

static uint64_t identity_gas(struct bytes input)
{
    return by_words(input, 15, 3);
}

static bool identity_run(struct bytes input, struct buffer *output)
{
    buffer_append_bytes(output, input);
    return true;
}

/* EIP-1108's prices of the three. */
static uint64_t bn254_add_gas(struct bytes input)
{
    (void)input;
    return 150;
}

static uint64_t bn254_multiply_gas(struct bytes input)
{
    (void)input;
    return 6000;
}

static uint64_t bn254_pairing_gas(struct bytes input)
{
    return 45000 + 34000 * (uint64_t)(input.size / BN254_PAIR_SIZE);
}

#define BLAKE2F_INPUT_SIZE 213

/* EIP-152: 1 gas a round. An input of another size fails, whatever it paid. */
static uint64_t blake2f_gas(struct bytes input)
{
    if (input.size != BLAKE2F_INPUT_SIZE)
        return 0;
    struct cursor in = cursor_over(input.data, input.size);
    return cursor_u32_be(&in);
}

static void read_words_le(struct cursor *in, uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        words[i] = __builtin_bswap64(cursor_u64_be(in));
}

/* rounds 4, big-endian | state 64 | block 128 | offset 16, all little-endian | last block 1 */
static bool blake2f_run(struct bytes input, struct buffer *output)
{
    uint64_t state[8];
    struct blake2_block block;
    struct cursor in = cursor_over(input.data, input.size);
    uint32_t rounds = cursor_u32_be(&in);
    read_words_le(&in, state, 8);
    read_words_le(&in, block.words, 16);
    read_words_le(&in, block.offset, 2);
    uint8_t flag = cursor_u8(&in);
    if (!cursor_finished(&in) || flag > 1)
        return false;
    block.is_last = flag == 1;
    blake2_compress(state, &block, rounds);
    for (size_t i = 0; i < 8; i++)
        buffer_append_u64_be(output, __builtin_bswap64(state[i]));
    return true;
}

static uint64_t p256_verify_gas(struct bytes input)
{
    (void)input;
    return 6900; /* EIP-7951 */
}

/* One, or nothing; it never fails. */
static bool p256_verify_run(struct bytes input, struct buffer *output)
{
    static const uint8_t one[32] = {[31] = 1};
    if (input.size == P256_CHECK_SIZE && p256_verify(input.data))
        buffer_append(output, one, sizeof one);
    return true;
}

/* By address; of rows with one address the last that a fork has is the one it runs. */
static const struct vm_precompile TABLE[] = {
    {0x01, VM_FORK_CANCUN, "ecrecover", ecrecover_gas, ecrecover_run},
    {0x02, VM_FORK_CANCUN, "sha256", sha256_gas, sha256_run},
    {0x03, VM_FORK_CANCUN, "ripemd160", ripemd160_gas, ripemd160_run},
    {0x04, VM_FORK_CANCUN, "identity", identity_gas, identity_run},
    {0x05, VM_FORK_CANCUN, "modexp", modexp_gas_eip2565, modexp_run},
    {0x05, VM_FORK_OSAKA, "modexp", modexp_gas_eip7883, modexp_run_eip7823},
    {0x06, VM_FORK_CANCUN, "bn254 add", bn254_add_gas, bn254_add},
    {0x07, VM_FORK_CANCUN, "bn254 multiply", bn254_multiply_gas, bn254_multiply},
    {0x08, VM_FORK_CANCUN, "bn254 pairing", bn254_pairing_gas, bn254_pairing},
    {0x09, VM_FORK_CANCUN, "blake2f", blake2f_gas, blake2f_run},
    {0x0a, VM_FORK_CANCUN, "point evaluation", point_evaluation_gas, point_evaluation_run},
    {0x0b, VM_FORK_PRAGUE, "bls12 g1 add", bls12_g1_add_gas, bls12_g1_add_run},
    {0x0c, VM_FORK_PRAGUE, "bls12 g1 msm", bls12_g1_msm_gas, bls12_g1_msm_run},
    {0x0d, VM_FORK_PRAGUE, "bls12 g2 add", bls12_g2_add_gas, bls12_g2_add_run},
    {0x0e, VM_FORK_PRAGUE, "bls12 g2 msm", bls12_g2_msm_gas, bls12_g2_msm_run},
    {0x0f, VM_FORK_PRAGUE, "bls12 pairing check", bls12_pairing_check_gas, bls12_pairing_check_run},
    {0x10, VM_FORK_PRAGUE, "bls12 map fp to g1", bls12_map_fp_to_g1_gas, bls12_map_fp_to_g1_run},
    {0x11, VM_FORK_PRAGUE, "bls12 map fp2 to g2", bls12_map_fp2_to_g2_gas, bls12_map_fp2_to_g2_run},
    {0x100, VM_FORK_OSAKA, "p256 verify", p256_verify_gas, p256_verify_run},
};
#define TABLE_COUNT (sizeof TABLE / sizeof *TABLE)

const struct vm_precompile *vm_precompile_find(enum vm_fork fork, const address *account)
{
    static const uint8_t zeros[18];
    if (memcmp(account->bytes, zeros, sizeof zeros) != 0)
        return NULL;
    unsigned low = (unsigned)account->bytes[18] << 8 | account->bytes[19];
    const struct vm_precompile *found = NULL;
    if (low > TABLE[TABLE_COUNT - 1].address)
        return NULL;
    for (size_t row = 0; row < TABLE_COUNT && TABLE[row].address <= low; row++)
        if (TABLE[row].address == low && (enum vm_fork)TABLE[row].first_fork <= fork)
            found = &TABLE[row];
    return found;
}

bool vm_is_precompile(enum vm_fork fork, const address *account)
{
    return vm_precompile_find(fork, account) != NULL;
}

bool vm_precompile_at(enum vm_fork fork, size_t index, address *account)
{
    for (size_t row = 0; row < TABLE_COUNT; row++) {
        bool is_known = row > 0 && TABLE[row].address == TABLE[row - 1].address;
        if (is_known || (enum vm_fork)TABLE[row].first_fork > fork || index-- > 0)
            continue;
        *account = (address){{0}};
        account->bytes[18] = (uint8_t)(TABLE[row].address >> 8);
        account->bytes[19] = (uint8_t)TABLE[row].address;
        return true;
    }
    return false;
}
