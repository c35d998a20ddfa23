#include "vm/crypto/secret_key.h"

#include <criterion/criterion.h>

#include "vm/base/hex.h"
#include "vm/base/u256.h"
#include "vm/crypto/keccak.h"

/* The group order, as SEC 2 prints it. */
#define ORDER "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"

static void read_hex(uint8_t *out, size_t size, const char *digits)
{
    cr_assert(hex_decode(out, size, digits));
}

/* The example of EIP-155: key 0x46.., address 0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F. */
Test(secret_key, signs_the_example_of_eip_155)
{
    struct secret_key key;
    uint8_t bytes[32], account[20];
    hash256 digest;
    signature sig;
    memset(bytes, 0x46, sizeof bytes);
    cr_assert(secret_key_load(&key, bytes));
    read_hex(account, sizeof account, "9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
    address got = secret_key_address(&key);
    cr_expect_arr_eq(got.bytes, account, sizeof account);

    read_hex(digest.bytes, 32, "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
    secret_key_sign(&key, &digest, &sig);
    char text[131] = {0};
    hex_encode(text, sig.bytes, sizeof sig.bytes);
    cr_expect_str_eq(text, "28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
                           "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"
                           "00");
    secret_key_cleanup(&key);
    memset(bytes, 0, sizeof bytes);
    cr_expect_arr_eq(key.bytes, bytes, sizeof bytes);
}

Test(secret_key, what_it_signs_recovers_to_its_address)
{
    struct secret_key key;
    struct error error = {0};
    for (unsigned round = 0; round < 20; round++) {
        cr_assert(secret_key_generate(&key, &error), "%s", error.text);
        hash256 digest = keccak256(&round, sizeof round);
        signature sig;
        address signer, expected = secret_key_address(&key);
        secret_key_sign(&key, &digest, &sig);
        cr_expect(signature_is_low_s(&sig));
        cr_expect(signature_recover_address(&sig, &digest, &signer));
        cr_expect(address_equal(&signer, &expected));
        digest.bytes[0] ^= 1;
        cr_expect(!signature_recover_address(&sig, &digest, &signer)
                  || !address_equal(&signer, &expected));
    }
}

Test(secret_key, refuses_zero_and_the_group_order)
{
    struct secret_key key;
    uint8_t bytes[32] = {0};
    cr_expect(!secret_key_load(&key, bytes));
    read_hex(bytes, 32, ORDER);
    cr_expect(!secret_key_load(&key, bytes));
    bytes[31] -= 1;
    cr_expect(secret_key_load(&key, bytes));
}

Test(recover, refuses_what_is_no_signature)
{
    struct secret_key key;
    struct error error = {0};
    signature good, bad;
    public_key signer;
    hash256 digest = keccak256("x", 1);
    cr_assert(secret_key_generate(&key, &error));
    secret_key_sign(&key, &digest, &good);
    cr_expect(signature_recover(&good, &digest, &signer));

    bad = good;
    bad.bytes[64] = 2;
    cr_expect(!signature_recover(&bad, &digest, &signer), "recovery id");
    for (size_t part = 0; part < 2; part++) {
        bad = good;
        memset(bad.bytes + 32 * part, 0, 32);
        cr_expect(!signature_recover(&bad, &digest, &signer), "zero %zu", part);
        read_hex(bad.bytes + 32 * part, 32, ORDER);
        cr_expect(!signature_recover(&bad, &digest, &signer), "order %zu", part);
    }
    bad = good; /* 5^3 + 7 is no square in the field: no point has this x */
    memset(bad.bytes, 0, 32);
    bad.bytes[31] = 5;
    cr_expect(!signature_recover(&bad, &digest, &signer), "no point");
}

/* (r, n - s, other id) is the same signer's: accepted here, and known to be high. */
Test(recover, accepts_high_s_and_says_so)
{
    struct secret_key key;
    struct error error = {0};
    signature sig;
    hash256 digest = keccak256("y", 1);
    cr_assert(secret_key_generate(&key, &error));
    secret_key_sign(&key, &digest, &sig);
    uint8_t order_bytes[32];
    read_hex(order_bytes, 32, ORDER);
    u256 order = u256_load_be(order_bytes, 32), s = u256_load_be(sig.bytes + 32, 32);
    s = u256_sub(&order, &s);
    u256_store_be(sig.bytes + 32, &s);
    sig.bytes[64] ^= 1;
    address signer, expected = secret_key_address(&key);
    cr_expect(!signature_is_low_s(&sig));
    cr_expect(signature_recover_address(&sig, &digest, &signer));
    cr_expect(address_equal(&signer, &expected));

    u256 one = U256_ONE, half = u256_shr(&order, &one); /* the order is odd */
    u256_store_be(sig.bytes + 32, &half);
    cr_expect(signature_is_low_s(&sig));
    half = u256_add(&half, &one);
    u256_store_be(sig.bytes + 32, &half);
    cr_expect(!signature_is_low_s(&sig));
}
