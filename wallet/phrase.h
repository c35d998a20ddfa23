/* Phrases: a key's entropy as 12 to 24 English words (BIP-39), and words as names for hashes.
 *
 *   entropy (128 to 256 bits) | first bits of its SHA-256   ->   11 bits a word
 *   seed = PBKDF2-HMAC-SHA512 (phrase, "mnemonic" | passphrase, 2048 rounds), 64 bytes
 *
 * BIP-39 wants both texts in Unicode's NFKD. The words are ASCII, which NFKD leaves as it is; a
 * passphrase with anything else is refused rather than turned into another seed. The list is
 * words_english.txt: BIP-39's english.txt, SHA-256 2f5eed53...3b24dbda. */
#ifndef WALLET_PHRASE_H
#define WALLET_PHRASE_H
#include "vm/base/bytes.h"
#include "vm/base/error.h"

#define PHRASE_WORDS     24 /* of a new one */
#define PHRASE_WORDS_MIN 12
#define PHRASE_SIZE_MAX  215 /* 24 words of 8 letters, 23 blanks */
#define PHRASE_SEED_SIZE 64
#define WORDS_COUNT      2048

/* Words in lower case with one blank between them. Wiped by phrase_wipe(). */
struct phrase {
    char text[PHRASE_SIZE_MAX + 1];
};
void phrase_wipe(struct phrase *phrase);

/* 24 words from the system's random source. */
bool phrase_generate(struct phrase *phrase, struct error *error)
    __attribute__((warn_unused_result));
/* The words of 16, 20, 24, 28 or 32 bytes. */
void phrase_of_entropy(struct phrase *phrase, const uint8_t *entropy, size_t size);
/* Words of either case with any white space between them. ERROR_INVALID names the word that is
 * not in the list, or says that the words do not belong together. */
bool phrase_parse(struct phrase *phrase, const char *text, struct error *error)
    __attribute__((warn_unused_result));
/* `passphrase` may be empty; the caller wipes `seed`. */
bool phrase_seed(const struct phrase *phrase, const char *passphrase,
                 uint8_t seed[PHRASE_SEED_SIZE], struct error *error)
    __attribute__((warn_unused_result));

/* The first 66 bits of a hash as six words, "zoo-legal-...", for people to compare aloud. */
#define HASH_WORDS_SIZE 54 /* six of 8 letters, five dashes, final zero */
void hash_words(char out[HASH_WORDS_SIZE], const hash256 *hash);
#endif
