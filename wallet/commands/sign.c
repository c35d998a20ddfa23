/* account sign, verify, qr: messages (EIP-191, EIP-712) and addresses to show. */
#include "ledger/codec/abi_text.h"
#include "ledger/codec/address_text.h"
#include "ledger/codec/typed_data.h"
#include "vm/base/hex.h"
#include "wallet/book.h"
#include "wallet/commands/commands.h"
#include "wallet/files.h"
#include "rpc/qr.h"

#define MESSAGE_SIZE_MAX    (16u * 1024 * 1024)
#define TYPED_SIZE_MAX      (1024 * 1024)
#define SIGNATURE_TEXT_SIZE 133 /* "0x", 130 digits, final zero */
#define V_OFFSET            27  /* what wallets add to the recovery id */

/* What is signed, and how it reads. */
struct message {
    hash256 digest;
    const char *title;  /* of a typed document; else NULL */
    struct bytes words; /* lines, or the text */
};

static bool read_typed(struct wallet *wallet, const char *path, struct message *message,
                       struct error *error)
{
    struct buffer text = {0};
    struct typed_data typed;
    json_error_t reason;
    bool ok = files_read_named(path, TYPED_SIZE_MAX, &text, error);
    json_t *document =
        ok ? json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &reason) : NULL;
    if (ok && document == NULL)
        ok = error_set(error, ERROR_INVALID, "%s is not JSON: line %d, column %d: %s", path,
                       reason.line, reason.column, reason.text);
    ok = ok
         && (typed_data_read(&typed, document, &wallet->arena, error)
             || error_prefix(error, "%s", path));
    if (ok)
        *message = (struct message){typed.digest, typed.title, typed.lines};
    json_decref(document);
    buffer_cleanup(&text);
    return ok;
}

static bool read_file(struct wallet *wallet, const char *path, struct message *message,
                      struct error *error)
{
    struct buffer content = {0};
    bool ok = files_read_named(path, MESSAGE_SIZE_MAX, &content, error);
    if (ok)
        *message = (struct message){
            .digest = personal_message_digest(buffer_view(&content)),
            .words =
                bytes_of_text(arena_format(&wallet->arena, "%zu bytes of %s", content.size, path)),
        };
    buffer_cleanup(&content);
    return ok;
}

/* The one message that argument, --file or --typed give. */
static bool read_message(struct wallet *wallet, const char *text, struct message *message,
                         struct error *error)
{
    const char *file = wallet->options.values[OPTION_FILE];
    const char *typed = wallet->options.values[OPTION_TYPED];
    int given = (text != NULL) + (file != NULL) + (typed != NULL);
    if (given != 1)
        return error_set(error, ERROR_INVALID,
                         "%s message; expected one of MESSAGE, --file FILE and --typed FILE",
                         given == 0 ? "no" : "more than one");
    if (typed != NULL)
        return read_typed(wallet, typed, message, error);
    if (file != NULL)
        return read_file(wallet, file, message, error);
    struct buffer shown = {0};
    text_format_safe(bytes_of_text(text), &shown);
    *message = (struct message){.digest = personal_message_digest(bytes_of_text(text)),
                                .words = arena_copy(&wallet->arena, buffer_view(&shown))};
    buffer_cleanup(&shown);
    return true;
}

static void say_message(struct wallet *wallet, const struct message *message)
{
    char digest[67] = "0x";
    const uint8_t *at = message->words.data;
    size_t left = message->words.size;
    if (message->title == NULL)
        wallet_say(wallet, "  message    %.*s", (int)left, left == 0 ? "" : (const char *)at);
    else
        wallet_say(wallet, "  message    a typed document, %s", message->title);
    while (message->title != NULL && left > 0) {
        const uint8_t *end = memchr(at, '\n', left);
        size_t size = end != NULL ? (size_t)(end - at) : left;
        wallet_say(wallet, "    %.*s", (int)size, (const char *)at);
        size += end != NULL;
        at += size;
        left -= size;
    }
    hex_encode(digest + 2, message->digest.bytes, 32);
    wallet_put_text(wallet, "digest", digest);
    wallet_put_text(wallet, "standard", message->title == NULL ? "EIP-191" : "EIP-712");
    wallet_put(wallet, "words",
               json_stringn((const char *)message->words.data, message->words.size));
}

COMMAND(account_sign)
{
    struct error error;
    struct book_entry signer;
    struct secret_key key;
    struct message message;
    signature made;
    char address_text[ADDRESS_TEXT_SIZE];
    char text[SIGNATURE_TEXT_SIZE] = "0x";
    if (!read_message(wallet, count > 0 ? arguments[0] : NULL, &message, &error)
        || !book_acting_account(wallet, &signer, &error))
        return wallet_fail_error(wallet, &error, "lwallet help account sign");
    address_format(address_text, &signer.account);
    bool is_dry = options_has(&wallet->options, OPTION_DRY_RUN);
    if (!is_dry && !book_unlock(wallet, &signer, &key, &error))
        return wallet_fail(wallet, WALLET_LOCKED, NULL, "%s", error.text);
    wallet_put_text(wallet, "address", address_text);
    if (is_dry) {
        wallet_say(wallet, "nothing was signed; this would be:");
        wallet_put(wallet, "dryRun", json_true());
    } else {
        secret_key_sign(&key, &message.digest, &made);
        secret_key_cleanup(&key);
        made.bytes[64] = (uint8_t)(made.bytes[64] + V_OFFSET);
        hex_encode(text + 2, made.bytes, sizeof made.bytes);
        wallet_say(wallet, "%s", text);
        wallet_put_text(wallet, "signature", text);
    }
    wallet_say(wallet, "  signer     %s", book_describe(wallet, &signer.account));
    say_message(wallet, &message);
    return WALLET_OK;
}

/* 65 bytes in hex; v is 27 or 28, or 0 or 1. */
static bool parse_signature(const char *text, signature *out, struct error *error)
{
    if (!hex_decode_fixed(out->bytes, sizeof out->bytes, text, strlen(text)))
        return error_set(error, ERROR_INVALID,
                         "\"%.40s\" is no signature; expected 0x and 130 hex digits", text);
    const unsigned v = out->bytes[64];
    out->bytes[64] = (uint8_t)(v >= V_OFFSET ? v - V_OFFSET : v);
    return out->bytes[64] <= 1
           || error_set(error, ERROR_INVALID, "the signature ends with %u; expected 27, 28, 0 or 1",
                        v);
}

COMMAND(account_verify)
{
    struct error error;
    address expected, signer;
    signature given;
    struct message message;
    if (!book_resolve(wallet, arguments[0], &expected, &error)
        || !parse_signature(arguments[1], &given, &error)
        || !read_message(wallet, count > 2 ? arguments[2] : NULL, &message, &error))
        return wallet_fail_error(wallet, &error, "lwallet help account verify");
    bool is_signed =
        signature_is_low_s(&given) && signature_recover_address(&given, &message.digest, &signer);
    bool is_good = is_signed && address_equal(&signer, &expected);
    wallet_put(wallet, "valid", json_boolean(is_good));
    if (is_good)
        wallet_say(wallet, "signed by %s", book_describe(wallet, &expected));
    say_message(wallet, &message);
    if (is_good)
        return WALLET_OK;
    buffer_clear(&wallet->lines);
    if (!is_signed)
        return wallet_fail(wallet, WALLET_REFUSED, NULL, "this is nobody's signature");
    return wallet_fail(wallet, WALLET_REFUSED, NULL,
                       "not signed by %s: this signature of this message would be %s's",
                       book_describe(wallet, &expected), book_describe(wallet, &signer));
}

COMMAND(account_qr)
{
    struct error error;
    struct book_entry acting;
    address account;
    char text[ADDRESS_TEXT_SIZE];
    struct buffer picture = {0};
    bool ok = count > 0 ? book_resolve(wallet, arguments[0], &account, &error)
                        : book_acting_account(wallet, &acting, &error);
    if (!ok)
        return wallet_fail_error(wallet, &error, "lwallet account list");
    if (count == 0)
        account = acting.account;
    address_format(text, &account);
    ok = qr_draw(text, &picture, &error);
    if (ok)
        buffer_append_bytes(&wallet->lines, buffer_view(&picture));
    buffer_cleanup(&picture);
    if (!ok)
        return wallet_fail_error(wallet, &error, NULL);
    wallet_say(wallet, "%s", book_describe(wallet, &account));
    wallet_put_text(wallet, "address", text);
    return WALLET_OK;
}
