/* The proposer's chain of reveals. */
#include "ledger/chain/reveal.h"

#include <criterion/criterion.h>

#include "vm/base/hex.h"
#include "vm/crypto/digest.h"
#include "vm/crypto/keccak.h"

static const struct secret_key KEY = {{1, 2, 3}};
static const hash256 SALT = {{4, 5, 6}};

/* Each reveal hashes to the one before, from the commitment to the last. */
Test(reveal, opens_link_by_link_from_the_commitment)
{
    static const uint64_t lengths[] = {1, 2, 3, 10, 99, 100, 101};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct reveal_chain *chain = reveal_chain_new(&KEY, &SALT, lengths[i]);
        struct reveal_progress progress = {.last = reveal_chain_commitment(chain)};
        struct error error;
        hash256 reveal;
        for (; progress.used < lengths[i]; progress.used++) {
            cr_assert(reveal_chain_at(chain, progress.used, &reveal, &error));
            cr_expect(reveal_is_next(&progress, &reveal));
            const hash256 up = keccak256(reveal.bytes, sizeof reveal.bytes);
            cr_expect(hash256_equal(&up, &progress.last));
            progress.last = reveal;
        }
        cr_expect(!reveal_chain_at(chain, progress.used, &reveal, &error));
        cr_expect(error.code == ERROR_UNSUPPORTED && strstr(error.text, "used up") != NULL);
        reveal_chain_free(chain);
    }
}

Test(reveal, depends_on_key_and_salt)
{
    const hash256 other_salt = {{7}};
    struct reveal_chain *a = reveal_chain_new(&KEY, &SALT, 10);
    struct reveal_chain *b = reveal_chain_new(&KEY, &other_salt, 10);
    const hash256 first = reveal_chain_commitment(a), second = reveal_chain_commitment(b);
    cr_expect(!hash256_equal(&first, &second));
    reveal_chain_free(a);
    reveal_chain_free(b);
}

Test(reveal, survives_being_stored_but_not_damage)
{
    struct reveal_chain *chain = reveal_chain_new(&KEY, &SALT, 50);
    struct buffer stored = {0};
    struct error error;
    hash256 before, after;
    reveal_chain_encode(chain, &stored);
    struct reveal_chain *again = reveal_chain_decode(buffer_view(&stored), &error);
    cr_assert(again != NULL, "%s", error.text);
    for (uint64_t used = 0; used < 50; used++) {
        cr_assert(reveal_chain_at(chain, used, &before, &error));
        cr_assert(reveal_chain_at(again, used, &after, &error));
        cr_expect(hash256_equal(&before, &after));
    }
    for (size_t at = 1; at < stored.size; at += 7) {
        stored.data[at] ^= 1;
        cr_expect(reveal_chain_decode(buffer_view(&stored), &error) == NULL, "%zu", at);
        cr_expect(error.code == ERROR_CORRUPT);
        stored.data[at] ^= 1;
    }
    stored.data[0]++;
    cr_expect(reveal_chain_decode(buffer_view(&stored), &error) == NULL);
    cr_expect(error.code == ERROR_VERSION);
    buffer_cleanup(&stored);
    reveal_chain_free(chain);
    reveal_chain_free(again);
}

/* RFC 4231, test case 2: what the chain starts from. */
Test(reveal, starts_from_a_standard_hmac)
{
    char text[65] = {0};
    const hash256 hmac =
        hmac_sha256(bytes_of_text("Jefe"), bytes_of_text("what do ya want for nothing?"));
    hex_encode(text, hmac.bytes, sizeof hmac.bytes);
    cr_expect_str_eq(text, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
