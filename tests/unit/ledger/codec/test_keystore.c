#include "ledger/codec/keystore.h"

#include "vm/base/hex.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* The two examples of the Web3 Secret Storage Definition, which geth's tests hold as well;
 * password "testpassword". */
static const char *const PBKDF2_EXAMPLE =
    "{\"crypto\":{\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\"iv\":\"6087dab2f9fdbbfaddc31a90"
    "9735c1e6\"},\"ciphertext\":\"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af"
    "5f869aa46\",\"kdf\":\"pbkdf2\",\"kdfparams\":{\"c\":262144,\"dklen\":32,\"prf\":\"hmac-"
    "sha256\""
    ",\"salt\":\"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd\"},\"mac"
    "\":\"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2\"},\"id\":\"3198"
    "bc9c-6672-5ab3-d995-4942343ae5b6\",\"version\":3}";
static const char *const SCRYPT_EXAMPLE =
    "{\"crypto\":{\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\"iv\":\"83dbcc02d8ccb40e466191a1"
    "23791e0e\"},\"ciphertext\":\"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad"
    "2fbde479c\",\"kdf\":\"scrypt\",\"kdfparams\":{\"dklen\":32,\"n\":262144,\"r\":1,\"p\":8,"
    "\"salt\":"
    "\"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19\"},\"mac\":\"2103a"
    "c29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097\"},\"id\":\"3198bc9c-667"
    "2-5ab3-d995-4942343ae5b6\",\"version\":3}";
#define EXAMPLE_KEY "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"

/* Written by ethers 6 with N = 4096; password "correct horse". */
static const char *const ETHERS_FILE =
    "{\"address\":\"2c7536e3605d9c16a7a3d7b1898e529396a65c23\",\"id\":\"69df042c-49d6-496e-b"
    "dfe-db47a042b03c\",\"version\":3,\"Crypto\":{\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\""
    "iv\":\"b808aa60018bfa15c7116edb25750f81\"},\"ciphertext\":\"6700086c85696b98e73c9290fd"
    "19fc015be060da349e238f20ff3cc515305384\",\"kdf\":\"scrypt\",\"kdfparams\":{\"salt\":\"791e"
    "9924cab400cabf8cf9934b73892ce0671615611b3ceb1ecff5e01e70743f\",\"n\":4096,\"dklen\":3"
    "2,\"p\":1,\"r\":8},\"mac\":\"ad31ebfa8158546bdc9604af69862053271a283e2afe6143afeaea17d1"
    "228292\"}}";
#define ETHERS_KEY "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"

static bool decrypt(const char *document, const char *password, struct secret_key *key,
                    struct error *error)
{
    *error = (struct error){0};
    return keystore_decrypt(key, bytes_of_text(document), bytes_of_text(password), error);
}

static void expect_key(const char *document, const char *password, const char *digits)
{
    struct error error;
    struct secret_key key;
    uint8_t expected[32];
    cr_assert(hex_decode(expected, sizeof expected, digits));
    cr_assert(decrypt(document, password, &key, &error), "%s", error.text);
    cr_expect_eq(memcmp(key.bytes, expected, sizeof expected), 0);
}

/* `document` with the first `from` replaced by `to`. */
static char *changed(const char *document, const char *from, const char *to)
{
    const char *at = strstr(document, from);
    cr_assert_not_null(at);
    struct buffer out = {0};
    buffer_append(&out, document, (size_t)(at - document));
    buffer_append_text(&out, to);
    buffer_append_text(&out, at + strlen(from));
    buffer_append_u8(&out, '\0');
    return (char *)out.data;
}

static void expect_refused(const char *from, const char *to, enum error_code code, const char *word)
{
    struct error error;
    struct secret_key key;
    char *document = changed(ETHERS_FILE, from, to);
    cr_expect_not(decrypt(document, "correct horse", &key, &error), "%s -> %s", from, to);
    cr_expect_eq(error.code, code, "%s -> %s: %s", from, to, error.text);
    cr_expect_not_null(strstr(error.text, word), "%s -> %s: %s", from, to, error.text);
    free(document);
}

Test(keystore, reads_the_published_pbkdf2_example)
{
    expect_key(PBKDF2_EXAMPLE, "testpassword", EXAMPLE_KEY);
}

/* n = 2^18 with r = 1: what OpenSSL's scrypt refuses. */
Test(keystore, reads_the_published_scrypt_example)
{
    expect_key(SCRYPT_EXAMPLE, "testpassword", EXAMPLE_KEY);
}

Test(keystore, reads_what_ethers_wrote)
{
    struct error error;
    address account;
    expect_key(ETHERS_FILE, "correct horse", ETHERS_KEY);
    cr_assert(keystore_address(&account, bytes_of_text(ETHERS_FILE), &error));
    cr_expect_eq(account.bytes[0], 0x2c);
    cr_expect_eq(account.bytes[19], 0x23);
}

Test(keystore, says_that_the_address_is_missing)
{
    struct error error = {0};
    address account;
    cr_expect_not(keystore_address(&account, bytes_of_text(SCRYPT_EXAMPLE), &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
}

Test(keystore, a_new_file_opens_with_its_password_only)
{
    struct error error;
    struct secret_key key;
    struct secret_key read;
    struct buffer document = {0};
    cr_assert(secret_key_generate(&key, &error));
    cr_assert(
        keystore_encrypt(&key, bytes_of_text("pass"), &KEYSTORE_COST_LIGHT, &document, &error));
    cr_expect(keystore_decrypt(&read, buffer_view(&document), bytes_of_text("pass"), &error));
    cr_expect_eq(memcmp(read.bytes, key.bytes, sizeof key.bytes), 0);
    cr_expect_not(keystore_decrypt(&read, buffer_view(&document), bytes_of_text("pasS"), &error));
    cr_expect_eq(error.code, ERROR_DENIED);
    cr_expect_null(strstr(error.text, "pasS"));
    buffer_cleanup(&document);
}

Test(keystore, two_files_of_one_key_share_no_salt)
{
    struct error error;
    struct secret_key key = {.bytes = {[31] = 1}};
    struct buffer first = {0};
    struct buffer second = {0};
    cr_assert(keystore_encrypt(&key, bytes_of_text("p"), &KEYSTORE_COST_LIGHT, &first, &error));
    cr_assert(keystore_encrypt(&key, bytes_of_text("p"), &KEYSTORE_COST_LIGHT, &second, &error));
    cr_expect_eq(first.size, second.size);
    cr_expect_neq(memcmp(first.data, second.data, first.size), 0);
    buffer_cleanup(&first);
    buffer_cleanup(&second);
}

Test(keystore, refuses_a_derivation_beyond_its_memory)
{
    expect_refused("\"n\":4096", "\"n\":1073741824", ERROR_BUSY, "512 MiB");
    expect_refused("\"r\":8", "\"r\":4294967295", ERROR_BUSY, "512 MiB");
}

Test(keystore, refuses_a_derivation_beyond_its_time)
{
    expect_refused("\"p\":1", "\"p\":1048576", ERROR_BUSY, "too long");
    struct error error;
    struct secret_key key;
    char *document = changed(PBKDF2_EXAMPLE, "262144", "2000000000");
    cr_expect_not(decrypt(document, "testpassword", &key, &error));
    cr_expect_eq(error.code, ERROR_BUSY);
    free(document);
}

Test(keystore, names_the_field_that_is_wrong)
{
    expect_refused("\"n\":4096", "\"n\":4095", ERROR_INVALID, "power");
    expect_refused("\"n\":4096", "\"n\":\"x\"", ERROR_INVALID, "\"n\"");
    expect_refused("\"dklen\":32", "\"dklen\":16", ERROR_INVALID, "dklen");
    expect_refused("\"version\":3", "\"version\":1", ERROR_UNSUPPORTED, "version 3");
    expect_refused("aes-128-ctr", "aes-256-gcm", ERROR_UNSUPPORTED, "aes-256-gcm");
    expect_refused("\"kdf\":\"scrypt\"", "\"kdf\":\"argon2\"", ERROR_UNSUPPORTED, "argon2");
    expect_refused("\"iv\":\"", "\"iv\":\"0", ERROR_INVALID, "\"iv\"");
    expect_refused("\"Crypto\"", "\"Cryptic\"", ERROR_INVALID, "crypto");
}

Test(keystore, notices_damage)
{
    expect_refused("\"ciphertext\":\"6700086c", "\"ciphertext\":\"6700086d", ERROR_DENIED,
                   "damaged");
    expect_refused("2c7536e3", "2c7536e4", ERROR_INVALID, "another address");
}

Test(keystore, refuses_every_cut_of_a_file)
{
    struct error error;
    struct secret_key key;
    for (size_t size = 0; size < strlen(ETHERS_FILE); size++)
        cr_expect_not(keystore_decrypt(&key, bytes_of(ETHERS_FILE, size),
                                       bytes_of_text("correct horse"), &error),
                      "%zu", size);
}
