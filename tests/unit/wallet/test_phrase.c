#include "wallet/phrase.h"

#include "vm/base/hex.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* From the test vectors that BIP-39 refers to; the passphrase is TREZOR. */
static const struct {
    const char *entropy;
    const char *words;
    const char *seed;
} vectors[] = {
    {"00000000000000000000000000000000",
     "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
     "about",
     "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c9"
     "2f2cf141630c7a3c4ab7c81b2f001698e7463b04"},
    {"7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
     "legal winner thank year wave sausage worth useful legal winner thank yellow",
     "2e8905819b8723fe2c1d161860e5ee1830318dbf49a83bd451cfb8440c28bd6fa457fe1296106559a3c80937"
     "a1c1069be3a3a5bd381ee6260e8d9739fce1f607"},
    {"80808080808080808080808080808080",
     "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
     "d71de856f81a8acc65e6fc851a38d4d7ec216fd0796d0a6827a3ad6ed5511a30fa280f12eb2e47ed2ac03b5c"
     "462a0358d18d69fe4f985ec81778c1b370b652a8"},
    {"ffffffffffffffffffffffffffffffff", "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong",
     "ac27495480225222079d7be181583751e86f571027b0497b5b5d11218e0a8a13332572917f0f8e5a589620c6"
     "f15b11c61dee327651a14c34e18231052e48c069"},
    {"808080808080808080808080808080808080808080808080",
     "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount "
     "doctor acoustic avoid letter always",
     "107d7c02a5aa6f38c58083ff74f04c607c2d2c0ecc55501dadd72d025b751bc27fe913ffb796f841c49b1d33"
     "b610cf0e91d3aa239027f5e99fe4ce9e5088cd65"},
    {"0000000000000000000000000000000000000000000000000000000000000000",
     "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
     "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
     "abandon art",
     "bda85446c68413707090a52022edd26a1c9462295029f2e60cd7c4f2bbd3097170af7a4d73245cafa9c3cca8"
     "d561a7c3de6f5d4a10be8ed2a5e608d68f92fcc8"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo "
     "zoo vote",
     "dd48c104698c30cfe2b6142103248622fb7bb0ff692eebb00089b32d22484e1613912f0a5b694407be899ffd"
     "31ed3992c456cdf60f5d4564b8ba3f05a69890ad"},
    {"9e885d952ad362caeb4efe34a8e91bd2",
     "ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic",
     "274ddc525802f7c828d8ef7ddbcdc5304e87ac3535913611fbbfa986d0c9e5476c91689f9c8a54fd55bd3860"
     "6aa6a8595ad213d4c9c9f9aca3fb217069a41028"},
    {"68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c",
     "hamster diagram private dutch cause delay private meat slide toddler razor book happy "
     "fancy gospel tennis maple dilemma loan word shrug inflict delay length",
     "64c87cde7e12ecf6704ab95bb1408bef047c22db4cc7491c4271d170a1b213d20b385bc1588d9c7b38f1b39d"
     "415665b8a9030c9ec653d75e65f847d8fc1fc440"},
    {"f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
     "void come effort suffer camp survey warrior heavy shoot primary clutch crush open "
     "amazing screen patrol group space point ten exist slush involve unfold",
     "01f5bced59dec48e362f2c45b5de68b9fd6c92c6634f44d6d40aab69056506f0e35524a518034ddc1192e1da"
     "cd32c1ed3eaa3c3b131c88ed8e7e54c49a5d0998"},
};

Test(phrase, is_as_the_public_vectors_say)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint8_t entropy[32], seed[PHRASE_SEED_SIZE];
        char text[2 * PHRASE_SEED_SIZE + 1] = "";
        struct phrase made, read;
        struct error error;
        size_t size = strlen(vectors[i].entropy) / 2;
        cr_assert(hex_decode(entropy, size, vectors[i].entropy));
        phrase_of_entropy(&made, entropy, size);
        cr_expect_str_eq(made.text, vectors[i].words);
        cr_assert(phrase_parse(&read, vectors[i].words, &error), "%s", error.text);
        cr_expect_str_eq(read.text, vectors[i].words);
        cr_assert(phrase_seed(&read, "TREZOR", seed, &error), "%s", error.text);
        hex_encode(text, seed, sizeof seed);
        cr_expect_str_eq(text, vectors[i].seed);
    }
}

Test(phrase, is_read_in_any_case_and_spacing)
{
    struct phrase phrase;
    struct error error;
    cr_assert(phrase_parse(&phrase,
                           "  LEGAL winner\tthank\nyear wave  sausage worth useful legal "
                           "winner thank Yellow\r\n",
                           &error),
              "%s", error.text);
    cr_expect_str_eq(phrase.text, vectors[1].words);
}

Test(phrase, names_what_is_wrong_with_it)
{
    static const struct {
        const char *text;
        const char *part;
    } cases[] = {
        {"legal winner thnak year", "word 3, \"thnak\", is not one of BIP-39's English words; did "
                                    "you mean \"thank\"?"},
        {"legal winner x0-fourty-two-and-more", "word 3, \"x0-fourty"},
        {"legal winner thank", "has 3 words; expected 12, 15, 18, 21 or 24"},
        {"", "has 0 words"},
        {"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo", "checksum is wrong"},
        {"winner legal thank year wave sausage worth useful legal winner thank yellow",
         "two changed places"},
        {"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo "
         "zoo vote zoo zoo zoo",
         "has 27 words"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct phrase phrase;
        struct error error = {0};
        cr_expect_not(phrase_parse(&phrase, cases[i].text, &error), "%s", cases[i].text);
        cr_expect_not_null(strstr(error.text, cases[i].part), "%s", error.text);
    }
}

/* NFKD would change such a text, and a wallet that does not agree would make another seed. */
Test(phrase, takes_no_passphrase_beyond_ascii)
{
    struct phrase phrase;
    struct error error = {0};
    uint8_t seed[PHRASE_SEED_SIZE];
    cr_assert(phrase_parse(&phrase, vectors[0].words, &error));
    cr_expect_not(phrase_seed(&phrase, "caf\xc3\xa9", seed, &error));
    cr_expect_eq(error.code, ERROR_UNSUPPORTED);
    cr_expect_not_null(strstr(error.text, "not ASCII"), "%s", error.text);
}

Test(phrase, is_new_every_time)
{
    struct phrase a, b, read;
    struct error error;
    cr_assert(phrase_generate(&a, &error) && phrase_generate(&b, &error));
    cr_expect_str_neq(a.text, b.text);
    cr_assert(phrase_parse(&read, a.text, &error), "%s", error.text);
    size_t blanks = 0;
    for (const char *c = a.text; *c != '\0'; c++)
        blanks += *c == ' ';
    cr_expect_eq(blanks, PHRASE_WORDS - 1);
}

Test(phrase, six_words_name_a_hash)
{
    char words[HASH_WORDS_SIZE];
    hash256 hash = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc0}};
    hash_words(words, &hash);
    cr_expect_str_eq(words, "zoo-zoo-zoo-zoo-zoo-zoo");
    hash = (hash256){{0}};
    hash_words(words, &hash);
    cr_expect_str_eq(words, "abandon-abandon-abandon-abandon-abandon-abandon");
}
