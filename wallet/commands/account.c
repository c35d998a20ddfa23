/* account new, import, export, list: keys and where they come from. */
#include "ledger/codec/address_text.h"
#include "ledger/codec/keystore.h"
#include "vm/base/hex.h"
#include "vm/base/u256.h"
#include "wallet/book.h"
#include "wallet/commands/commands.h"
#include "wallet/config.h"
#include "wallet/derivation.h"
#include "wallet/files.h"
#include "wallet/password.h"
#include "wallet/phrase.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <unistd.h>

#define KEY_TEXT_SIZE    67 /* "0x", 64 digits, final zero */
#define SECRET_TEXT_MAX  1024
#define WORDS_A_LINE     6
#define WORDS_SHOWN_SIZE 1024

/* Protects the key with the password and keeps it as account `name`. */
static bool keep_key(struct wallet *wallet, const char *name, const struct secret_key *key,
                     const struct password *password, struct error *error)
{
    struct buffer document = {0};
    const struct keystore_cost *cost = options_has(&wallet->options, OPTION_LIGHT)
                                           ? &KEYSTORE_COST_LIGHT
                                           : &KEYSTORE_COST_STANDARD;
    bool ok =
        keystore_encrypt(key, bytes_of(password->text, password->size), cost, &document, error)
        && book_put_account(wallet, name, buffer_view(&document), error);
    buffer_cleanup(&document);
    return ok;
}

static enum wallet_exit show_account(struct wallet *wallet, const char *name,
                                     const address *account, const char *what)
{
    char text[ADDRESS_TEXT_SIZE];
    address_format(text, account);
    wallet_say(wallet, "%s %s: %s", what, name, text);
    wallet_say(wallet, "  kept in %s/accounts/%s.json, protected by its password; back up both",
               wallet->config_dir, name);
    wallet_put_text(wallet, "name", name);
    wallet_put_text(wallet, "address", text);
    wallet_put_text(wallet, "file",
                    arena_format(&wallet->arena, "%s/accounts/%s.json", wallet->config_dir, name));
    return WALLET_OK;
}

/* Asks for the new password and keeps the key, which is wiped. */
static enum wallet_exit keep_new(struct wallet *wallet, const char *name, struct secret_key *key,
                                 const char *what)
{
    struct error error;
    struct password password = {0};
    address account = secret_key_address(key);
    bool has_password = password_get(wallet, true, &password, &error);
    bool ok = has_password && keep_key(wallet, name, key, &password, &error);
    password_wipe(&password);
    secret_key_cleanup(key);
    if (!has_password)
        return wallet_fail(wallet, WALLET_LOCKED, NULL, "%s", error.text);
    return ok ? show_account(wallet, name, &account, what)
              : wallet_fail_error(wallet, &error, NULL);
}

/* The key of a phrase, at the place --index says; --passphrase-file may change it. */
static bool derive_key(struct wallet *wallet, const struct phrase *phrase, struct secret_key *key,
                       struct error *error)
{
    uint8_t seed[PHRASE_SEED_SIZE];
    struct password passphrase = {0};
    u256 index = U256_ZERO;
    const char *text = wallet->options.values[OPTION_INDEX];
    const char *path = wallet->options.values[OPTION_PASSPHRASE_FILE];
    if (text != NULL
        && (!u256_parse_decimal(&index, text, strlen(text)) || !u256_fits_u64(&index)
            || index.limbs[0] > DERIVATION_INDEX_MAX))
        return error_set(error, ERROR_INVALID, "--index \"%.40s\": expected a number from 0", text);
    bool ok = (path == NULL || password_read_file(path, &passphrase, error))
              && phrase_seed(phrase, passphrase.text, seed, error)
              && derivation_account_key(key, bytes_of(seed, sizeof seed), (uint32_t)index.limbs[0],
                                        error);
    OPENSSL_cleanse(seed, sizeof seed);
    password_wipe(&passphrase);
    return ok;
}

/* The words go to the terminal alone, past the lines that are kept until the end, and to no file
 * or pipe that standard output may be. */
static void show_words(const struct phrase *phrase)
{
    char text[WORDS_SHOWN_SIZE];
    size_t used = (size_t)snprintf(
        text, sizeof text,
        "These 24 words are the account. Write them down on paper, in order: with them any wallet\n"
        "brings it back, and who has them owns it. They are not shown again.\n\n");
    const char *word = phrase->text;
    for (unsigned number = 1; *word != '\0'; number++) {
        size_t size = strcspn(word, " ");
        bool is_last = number % WORDS_A_LINE == 0;
        used += (size_t)snprintf(text + used, sizeof text - used, "  %2u. %.*s%*s", number,
                                 (int)size, word, is_last ? 1 : 9 - (int)size, is_last ? "\n" : "");
        word += size + (word[size] == ' ');
    }
    text[used++] = '\n';
    for (size_t done = 0; done < used;) {
        ssize_t written = write(STDOUT_FILENO, text + done, used - done);
        if (written <= 0)
            break; /* the terminal is gone, and with it who would read */
        done += (size_t)written;
    }
    OPENSSL_cleanse(text, sizeof text);
}

static bool write_words(const char *path, const struct phrase *phrase, struct error *error)
{
    char text[PHRASE_SIZE_MAX + 2];
    int size = snprintf(text, sizeof text, "%s\n", phrase->text);
    bool ok = files_write(path, bytes_of(text, (size_t)size), false, error);
    OPENSSL_cleanse(text, sizeof text);
    return ok;
}

/* A phrase file is there before the account is, so no account lacks the words it was promised. */
static enum wallet_exit keep_phrase(struct wallet *wallet, const char *name,
                                    const struct phrase *phrase)
{
    struct error error;
    struct secret_key key;
    const char *path = wallet->options.values[OPTION_PHRASE_FILE];
    bool is_shown = path == NULL && isatty(STDOUT_FILENO) && !wallet_is_json(wallet);
    if (!derive_key(wallet, phrase, &key, &error))
        return wallet_fail_error(wallet, &error, NULL);
    if (path != NULL && !write_words(path, phrase, &error)) {
        secret_key_cleanup(&key);
        return wallet_fail_error(wallet, &error, NULL);
    }
    enum wallet_exit code = keep_new(wallet, name, &key, "new account");
    if (code != WALLET_OK && path != NULL)
        unlink(path);
    if (code != WALLET_OK)
        return code;
    wallet_put_text(wallet, "path", DERIVATION_PATH "0");
    if (path != NULL) {
        wallet_say(wallet, "  its 24 words are in %s: move them to a safe place", path);
        wallet_put_text(wallet, "phraseFile", path);
    } else if (is_shown) {
        show_words(phrase);
    } else {
        wallet_say(wallet, "  its 24 words were not shown, as this is no terminal; for words in a "
                           "file: --phrase-file FILE");
    }
    return code;
}

COMMAND(account_new)
{
    struct error error;
    struct phrase phrase;
    (void)count;
    if (!book_check_free(wallet, arguments[0], &error) || !phrase_generate(&phrase, &error))
        return wallet_fail_error(wallet, &error, NULL);
    enum wallet_exit code = keep_phrase(wallet, arguments[0], &phrase);
    phrase_wipe(&phrase);
    return code;
}

/* 64 hex digits, with or without 0x. */
static bool parse_key(const char *text, struct secret_key *key, struct error *error)
{
    uint8_t bytes[32] = {0};
    if (strncmp(text, "0x", 2) == 0)
        text += 2;
    bool ok =
        strlen(text) == 64 && hex_decode(bytes, sizeof bytes, text) && secret_key_load(key, bytes);
    OPENSSL_cleanse(bytes, sizeof bytes);
    return ok
           || error_set(error, ERROR_INVALID,
                        "that is no key; expected 64 hex digits, a phrase of 12 to 24 words, or "
                        "a Web3 key file");
}

/* The password that protects an imported file: its own, else asked, else the wallet's. */
static bool open_key_file(struct wallet *wallet, struct bytes document, struct secret_key *key,
                          struct error *error)
{
    struct password password = {0};
    struct error ignored;
    address unused;
    const char *path = wallet->options.values[OPTION_OLD_PASSWORD_FILE];
    bool ok;
    if (!keystore_address(&unused, document, error) && error->code != ERROR_NOT_FOUND)
        return false; /* no key file: there is nothing to ask for */
    if (path != NULL)
        ok = password_read_file(path, &password, error);
    else
        ok = password_prompt("Password of that file", &password, &ignored)
             || password_get(wallet, false, &password, error);
    ok = ok && keystore_decrypt(key, document, bytes_of(password.text, password.size), error);
    password_wipe(&password);
    return ok;
}

/* One word is a key, several are a phrase. */
static bool parse_secret(struct wallet *wallet, char *text, struct secret_key *key,
                         struct error *error)
{
    struct phrase phrase = {0};
    char *first = text + strspn(text, " \t\r\n");
    size_t size = strcspn(first, " \t\r\n");
    if (first[size + strspn(first + size, " \t\r\n")] == '\0') {
        first[size] = '\0';
        return parse_key(first, key, error);
    }
    bool ok = phrase_parse(&phrase, text, error) && derive_key(wallet, &phrase, key, error);
    phrase_wipe(&phrase);
    return ok;
}

static bool import_content(struct wallet *wallet, struct bytes content, struct secret_key *key,
                           struct error *error)
{
    char text[SECRET_TEXT_MAX + 1] = "";
    size_t start = 0;
    while (start < content.size && isspace(content.data[start]))
        start++;
    if (start < content.size && content.data[start] == '{')
        return open_key_file(wallet, content, key, error);
    if (content.size > SECRET_TEXT_MAX || content.size == 0
        || memchr(content.data, '\0', content.size) != NULL)
        return parse_key("", key, error);
    memcpy(text, content.data, content.size);
    bool ok = parse_secret(wallet, text, key, error);
    OPENSSL_cleanse(text, sizeof text);
    return ok;
}

static bool import_file(struct wallet *wallet, const char *path, struct secret_key *key,
                        struct error *error)
{
    struct buffer content = {0};
    buffer_reserve(&content, KEYSTORE_FILE_MAX); /* growing would leave copies of a key behind */
    bool ok = files_read_named(path, KEYSTORE_FILE_MAX, &content, error)
              && (import_content(wallet, buffer_view(&content), key, error)
                  || error_prefix(error, "%s", path));
    OPENSSL_cleanse(content.data, content.size);
    buffer_cleanup(&content);
    return ok;
}

static bool import_prompt(struct wallet *wallet, struct secret_key *key, struct error *error)
{
    struct password line = {0};
    bool ok = password_prompt("Phrase of 12 to 24 words, or private key (not shown)", &line, error)
              && parse_secret(wallet, line.text, key, error);
    password_wipe(&line);
    return ok;
}

COMMAND(account_import)
{
    struct error error;
    struct secret_key key;
    if (!book_check_free(wallet, arguments[0], &error))
        return wallet_fail_error(wallet, &error, NULL);
    bool ok = count > 1 ? import_file(wallet, arguments[1], &key, &error)
                        : import_prompt(wallet, &key, &error);
    if (!ok)
        return wallet_fail(wallet, error.code == ERROR_IO ? WALLET_LOCAL : WALLET_LOCKED,
                           "lwallet help account import", "%s", error.text);
    return keep_new(wallet, arguments[0], &key, "imported account");
}

static bool export_plain(struct wallet *wallet, const char *name, const char *path,
                         struct error *error)
{
    char text[KEY_TEXT_SIZE] = "0x";
    struct secret_key key;
    struct book_entry entry = {.name = name};
    if (!book_unlock(wallet, &entry, &key, error))
        return false;
    hex_encode(text + 2, key.bytes, sizeof key.bytes);
    text[KEY_TEXT_SIZE - 1] = '\n';
    bool ok = files_write(path, bytes_of(text, sizeof text), false, error);
    OPENSSL_cleanse(text, sizeof text);
    secret_key_cleanup(&key);
    return ok;
}

COMMAND(account_export)
{
    struct error error;
    struct buffer document = {0};
    const char *name = arguments[0];
    const char *path = count > 1 ? arguments[1] : NULL;
    bool is_plain = options_has(&wallet->options, OPTION_PLAIN);
    if (!book_check_name(name, &error) || !book_read_account(wallet, name, &document, &error)) {
        buffer_cleanup(&document);
        return wallet_fail(wallet, WALLET_NOT_FOUND, "lwallet account list",
                           "there is no account \"%.60s\"", name);
    }
    if (is_plain && path == NULL) {
        buffer_cleanup(&document);
        return wallet_fail(wallet, WALLET_USAGE, "lwallet account export NAME FILE --plain",
                           "an unprotected key is never printed; name a file");
    }
    bool ok = true;
    if (is_plain)
        ok = export_plain(wallet, name, path, &error);
    else if (path != NULL)
        ok = files_write(path, buffer_view(&document), false, &error);
    else {
        wallet_say(wallet, "%.*s", (int)document.size, (const char *)document.data);
        wallet_put(wallet, "keyfile",
                   json_loadb((const char *)document.data, document.size, 0, NULL));
    }
    buffer_cleanup(&document);
    if (!ok)
        return wallet_fail_error(wallet, &error, NULL);
    wallet_put_text(wallet, "name", name);
    if (path != NULL) {
        wallet_put_text(wallet, "file", path);
        wallet_say(wallet, "account %s written to %s", name, path);
        wallet_say(wallet, is_plain ? "  unprotected: whoever reads that file owns the account"
                                    : "  protected by the account's password");
    }
    return WALLET_OK;
}

COMMAND(account_list)
{
    struct error error;
    struct book_entry *entries;
    struct book_entry acting = {0};
    size_t accounts;
    (void)arguments;
    (void)count;
    if (!book_accounts(wallet, &entries, &accounts, &error))
        return wallet_fail_error(wallet, &error, NULL);
    bool has_acting = book_acting_account(wallet, &acting, &error);
    json_t *list = json_array();
    if (accounts == 0)
        wallet_say(wallet, "no accounts yet; make one: lwallet account new NAME");
    for (size_t i = 0; i < accounts; i++) {
        char text[ADDRESS_TEXT_SIZE];
        address_format(text, &entries[i].account);
        bool acts = has_acting && strcmp(acting.name, entries[i].name) == 0;
        wallet_say(wallet, "%-16s %s%s", entries[i].name, text, acts ? "  (acts)" : "");
        json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "name", entries[i].name, "address",
                                              text, "acts", (int)acts));
    }
    wallet_put(wallet, "accounts", list);
    return WALLET_OK;
}
