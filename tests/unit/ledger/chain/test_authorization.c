#include "ledger/chain/authorization.h"

#include <criterion/criterion.h>

#include "vm/base/hex.h"

static struct secret_key sample_key(void)
{
    struct secret_key key;
    uint8_t bytes[32];
    memset(bytes, 0x46, sizeof bytes);
    cr_assert(secret_key_load(&key, bytes));
    return key;
}

static struct authorization sample(void)
{
    struct secret_key key = sample_key();
    struct authorization authorization = {.chain_id = u256_from_u64(1), .nonce = 300};
    memset(authorization.delegate.bytes, 0x35, sizeof authorization.delegate.bytes);
    authorization_sign(&authorization, &key);
    return authorization;
}

/* From Ethereum's public vectors: prague/eip7702_set_code_tx. */
Test(authorization, recovers_the_authority_of_a_public_vector)
{
    struct authorization authorization = {0};
    address signer;
    static const char r[] = "0xd691d62f0f1e2c576047c3e8658f45357349220185539c5325e37ef273fddab1";
    static const char s[] = "0x2514f3bd9a41a707e1b0517ecdd81e3dff7ecd16c895ddd5ec29ff3f43d9a219";
    static const char who[] = "0xe63c792eb2fbc77a93547c8d72ad605c6d92cc9b";
    cr_assert(u256_parse_hex(&authorization.r, r, sizeof r - 1));
    cr_assert(u256_parse_hex(&authorization.s, s, sizeof s - 1));
    cr_assert(hex_decode_fixed(signer.bytes, sizeof signer.bytes, who, sizeof who - 1));
    authorization.delegate = signer; /* this one delegates to itself */
    authorization_recover(&authorization);
    cr_expect(authorization.has_authority);
    cr_expect(address_equal(&authorization.authority, &signer));
}

Test(authorization, comes_back_from_its_bytes)
{
    struct authorization first = sample();
    struct buffer out = {0}, again = {0};
    authorization_put(&first, &out);
    struct rlp_reader in = rlp_reader_over(buffer_view(&out));
    struct authorization back = authorization_read(&in);
    cr_assert(rlp_finished(&in));
    authorization_recover(&back);
    cr_expect(back.has_authority && address_equal(&back.authority, &first.authority));
    authorization_put(&back, &again);
    cr_expect(bytes_equal(buffer_view(&out), buffer_view(&again)));
    buffer_cleanup(&out);
    buffer_cleanup(&again);
}

static enum rlp_verdict read_verdict(const struct buffer *encoded)
{
    struct rlp_reader in = rlp_reader_over(buffer_view(encoded));
    (void)authorization_read(&in);
    (void)rlp_finished(&in);
    return in.verdict;
}

/* EIP-7702: "assert auth.chain_id < 2**256 ...": a field beyond its bound is no authorization. */
Test(authorization, refuses_fields_beyond_their_bounds)
{
    static const uint8_t huge[33] = {1};
    for (int field = -1; field < 6; field++) {
        static const size_t sizes[6] = {33, 21, 9, 2, 33, 33};
        struct buffer out = {0};
        size_t list = rlp_open_list(&out);
        for (int i = 0; i < 6; i++) {
            struct bytes fits = bytes_of(huge, i == 1 ? 20 : 1);
            rlp_put_string(&out, i == field ? bytes_of(huge, sizes[i]) : fits);
        }
        rlp_close_list(&out, list);
        cr_expect_eq(read_verdict(&out) == RLP_OK, field < 0, "field %d", field);
        buffer_cleanup(&out);
    }
    for (size_t count = 0; count < 9; count++) { /* too few and too many fields */
        struct buffer out = {0};
        size_t list = rlp_open_list(&out);
        for (size_t i = 0; i < count; i++)
            rlp_put_string(&out, bytes_of(huge, i == 1 ? 20 : 1));
        rlp_close_list(&out, list);
        cr_expect_eq(read_verdict(&out) == RLP_OK, count == 6, "%zu fields", count);
        buffer_cleanup(&out);
    }
}

Test(authorization, refuses_numbers_with_leading_zeros)
{
    for (int field = 0; field < 6; field++) {
        static const uint8_t number[21] = {0};
        struct buffer out = {0};
        size_t list = rlp_open_list(&out);
        for (int i = 0; i < 6; i++)
            rlp_put_string(&out, bytes_of(number, i == 1 ? 20 : i == field ? 1 : 0));
        rlp_close_list(&out, list);
        cr_expect_eq(read_verdict(&out) == RLP_OK, field == 1, "field %d", field);
        buffer_cleanup(&out);
    }
}

/* Bytes that are an authorization by form may still be nobody's: that is no error. */
Test(authorization, with_a_signature_out_of_range_is_nobodys)
{
    static const char order[] =
        "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    u256 group_order;
    cr_assert(u256_parse_hex(&group_order, order, sizeof order - 1));
    struct authorization good = sample(), bad = good;
    authorization_recover(&bad);
    cr_expect(bad.has_authority);
    bad.y_parity = 2;
    authorization_recover(&bad);
    cr_expect_not(bad.has_authority, "y parity 2");
    bad = good;
    bad.s = u256_sub(&group_order, &good.s);
    bad.y_parity ^= 1;
    authorization_recover(&bad);
    cr_expect_not(bad.has_authority, "high s");
    for (int value = 0; value < 2; value++) {
        bad = good;
        bad.r = value == 0 ? U256_ZERO : group_order;
        authorization_recover(&bad);
        cr_expect_not(bad.has_authority, "r");
        bad = good;
        bad.s = value == 0 ? U256_ZERO : group_order;
        authorization_recover(&bad);
        cr_expect_not(bad.has_authority, "s");
    }
}

/* Chain id, delegate and nonce are what is signed. */
Test(authorization, of_other_contents_is_somebody_elses)
{
    struct authorization good = sample(), other = good;
    other.chain_id = u256_from_u64(2);
    authorization_recover(&other);
    cr_expect_not(other.has_authority && address_equal(&other.authority, &good.authority));
    other = good;
    other.nonce++;
    authorization_recover(&other);
    cr_expect_not(other.has_authority && address_equal(&other.authority, &good.authority));
    other = good;
    other.delegate.bytes[19] ^= 1;
    authorization_recover(&other);
    cr_expect_not(other.has_authority && address_equal(&other.authority, &good.authority));
}
