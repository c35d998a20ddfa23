#include "wallet/phrase.h"

#include "vm/crypto/digest.h"
#include "wallet/nearest.h"

#include <assert.h>
#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>

#define WORD_BITS      11
#define WORD_SIZE_MAX  8
#define ENTROPY_MAX    32
#define SEED_ROUNDS    2048 /* BIP-39 */
#define SALT           "mnemonic"
#define PASSPHRASE_MAX 1024

extern const char words_english[];
extern const char words_english_end[];

/* A word of the list: not ended by a zero. */
struct word {
    const char *text;
    size_t size;
};

static struct word word_at(unsigned index)
{
    const char *at = words_english;
    for (; index > 0; index--)
        at = (const char *)memchr(at, '\n', (size_t)(words_english_end - at)) + 1;
    const char *end = memchr(at, '\n', (size_t)(words_english_end - at));
    return (struct word){at, (size_t)(end - at)};
}

/* The index of a word, or -1. */
static int word_find(const char *text, size_t size)
{
    const char *at = words_english;
    for (int index = 0; at < words_english_end; index++) {
        const char *end = memchr(at, '\n', (size_t)(words_english_end - at));
        if ((size_t)(end - at) == size && memcmp(at, text, size) == 0)
            return index;
        at = end + 1;
    }
    return -1;
}

/* Eleven bits from bit number `first` on, most significant first. */
static unsigned bits_at(const uint8_t *bytes, size_t first)
{
    unsigned value = 0;
    for (size_t bit = first; bit < first + WORD_BITS; bit++)
        value = value << 1 | ((unsigned)bytes[bit / 8] >> (7 - bit % 8) & 1u);
    return value;
}

static size_t put_word(char *out, unsigned index)
{
    struct word word = word_at(index);
    memcpy(out, word.text, word.size);
    return word.size;
}

void phrase_wipe(struct phrase *phrase)
{
    OPENSSL_cleanse(phrase, sizeof *phrase);
}

void phrase_of_entropy(struct phrase *phrase, const uint8_t *entropy, size_t size)
{
    uint8_t bits[ENTROPY_MAX + 1];
    size_t used = 0;
    assert(size >= 16 && size <= ENTROPY_MAX && size % 4 == 0);
    hash256 checksum = sha256(bytes_of(entropy, size));
    memcpy(bits, entropy, size);
    bits[size] = checksum.bytes[0];
    for (size_t word = 0; word < size * 3 / 4; word++) {
        if (word > 0)
            phrase->text[used++] = ' ';
        used += put_word(phrase->text + used, bits_at(bits, word * WORD_BITS));
    }
    phrase->text[used] = '\0';
    OPENSSL_cleanse(bits, sizeof bits);
    OPENSSL_cleanse(&checksum, sizeof checksum);
}

bool phrase_generate(struct phrase *phrase, struct error *error)
{
    uint8_t entropy[ENTROPY_MAX];
    bool ok = RAND_priv_bytes(entropy, sizeof entropy) == 1;
    if (ok)
        phrase_of_entropy(phrase, entropy, sizeof entropy);
    OPENSSL_cleanse(entropy, sizeof entropy);
    return ok || error_set(error, ERROR_IO, "the system's random source gave nothing");
}

/* The word alone is named: it is none of the list, so none of anybody's phrase. */
static bool refuse_word(const char *wrong, unsigned position, struct error *error)
{
    static char texts[WORDS_COUNT][WORD_SIZE_MAX + 1];
    const char *names[WORDS_COUNT];
    for (unsigned i = 0; i < WORDS_COUNT; i++) {
        texts[i][put_word(texts[i], i)] = '\0';
        names[i] = texts[i];
    }
    const char *near = nearest(wrong, names, WORDS_COUNT);
    if (near != NULL)
        return error_set(error, ERROR_INVALID,
                         "word %u, \"%s\", is not one of BIP-39's English words; did you mean "
                         "\"%s\"?",
                         position, wrong, near);
    return error_set(error, ERROR_INVALID,
                     "word %u, \"%.20s\", is not one of BIP-39's English words", position, wrong);
}

/* Takes the next word of *text in lower case; its size, 0 at the end. */
static size_t take_word(const char **text, char word[WORD_SIZE_MAX + 14])
{
    size_t size = 0;
    while (isspace((unsigned char)**text))
        (*text)++;
    while (**text != '\0' && !isspace((unsigned char)**text)) {
        if (size < WORD_SIZE_MAX + 12)
            word[size++] = (char)tolower((unsigned char)**text);
        (*text)++;
    }
    word[size] = '\0';
    return size;
}

static void put_bits(uint8_t *bytes, size_t first, unsigned value)
{
    for (size_t i = 0; i < WORD_BITS; i++)
        if ((value >> (WORD_BITS - 1 - i) & 1) != 0)
            bytes[(first + i) / 8] |= (uint8_t)(0x80 >> (first + i) % 8);
}

static bool check_words(const uint8_t *bits, unsigned count, struct phrase *phrase,
                        struct error *error)
{
    if (count < PHRASE_WORDS_MIN || count > PHRASE_WORDS || count % 3 != 0)
        return error_set(error, ERROR_INVALID,
                         "the phrase has %u words; expected 12, 15, 18, 21 or 24", count);
    size_t size = count / 3 * 4;
    hash256 checksum = sha256(bytes_of(bits, size));
    uint8_t mask = (uint8_t)(0xff << (8 - count / 3));
    bool ok = ((bits[size] ^ checksum.bytes[0]) & mask) == 0;
    OPENSSL_cleanse(&checksum, sizeof checksum);
    if (!ok)
        return error_set(error, ERROR_INVALID,
                         "all %u words are known, but their checksum is wrong: one is mistaken "
                         "for another, or two changed places",
                         count);
    phrase_of_entropy(phrase, bits, size);
    return true;
}

bool phrase_parse(struct phrase *phrase, const char *text, struct error *error)
{
    uint8_t bits[ENTROPY_MAX + 1] = {0};
    char word[WORD_SIZE_MAX + 14];
    unsigned count = 0;
    bool ok = true;
    for (size_t size = take_word(&text, word); size > 0 && ok; size = take_word(&text, word)) {
        int index = word_find(word, size);
        count++;
        if (index < 0)
            ok = refuse_word(word, count, error);
        else if (count <= PHRASE_WORDS)
            put_bits(bits, (count - 1) * WORD_BITS, (unsigned)index);
    }
    ok = ok && check_words(bits, count, phrase, error);
    OPENSSL_cleanse(bits, sizeof bits);
    OPENSSL_cleanse(word, sizeof word);
    return ok;
}

bool phrase_seed(const struct phrase *phrase, const char *passphrase,
                 uint8_t seed[PHRASE_SEED_SIZE], struct error *error)
{
    char salt[sizeof SALT + PASSPHRASE_MAX];
    size_t size = strlen(passphrase);
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)passphrase[i] >= 0x80)
            return error_set(error, ERROR_UNSUPPORTED,
                             "the passphrase holds letters that are not ASCII; programs disagree "
                             "on how these are written, so only ASCII is taken");
    if (size > PASSPHRASE_MAX)
        return error_set(error, ERROR_INVALID, "the passphrase is longer than %d characters",
                         PASSPHRASE_MAX);
    int salt_size = snprintf(salt, sizeof salt, SALT "%s", passphrase);
    bool ok = PKCS5_PBKDF2_HMAC(phrase->text, (int)strlen(phrase->text), (const uint8_t *)salt,
                                salt_size, SEED_ROUNDS, EVP_sha512(), PHRASE_SEED_SIZE, seed)
              == 1;
    OPENSSL_cleanse(salt, sizeof salt);
    return ok || error_set(error, ERROR_IO, "PBKDF2 failed in OpenSSL");
}

void hash_words(char out[HASH_WORDS_SIZE], const hash256 *hash)
{
    size_t used = 0;
    for (size_t word = 0; word < 6; word++) {
        if (word > 0)
            out[used++] = '-';
        used += put_word(out + used, bits_at(hash->bytes, word * WORD_BITS));
    }
    out[used] = '\0';
}
