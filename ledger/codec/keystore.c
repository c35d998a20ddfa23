#include "ledger/codec/keystore.h"

#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

#include <inttypes.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sodium.h>

#define DERIVED_SIZE 32 /* what is used of it; a document may ask for more */
#define DERIVED_MAX  128
#define SALT_SIZE    32
#define SALT_MAX     256
#define IV_SIZE      16
#define KEY_SIZE     32
#define MAC_SIZE     32
#define ADDRESS_SIZE 20
#define UUID_SIZE    16

const struct keystore_cost KEYSTORE_COST_STANDARD = {.n = 262144, .r = 8, .p = 1};
const struct keystore_cost KEYSTORE_COST_LIGHT = {.n = 4096, .r = 8, .p = 6};

/* A document turned into a struct at the border. */
struct keystore {
    bool is_scrypt;
    struct keystore_cost cost;
    uint64_t iterations;
    size_t derived_size;
    uint8_t salt[SALT_MAX];
    size_t salt_size;
    uint8_t iv[IV_SIZE];
    uint8_t cipher_text[KEY_SIZE];
    uint8_t mac[MAC_SIZE];
    bool has_address;
    address account;
};

static bool check_cost(const struct keystore_cost *cost, struct error *error)
{
    if (cost->n < 2 || (cost->n & (cost->n - 1)) != 0 || cost->r == 0 || cost->p == 0)
        return error_set(error, ERROR_INVALID,
                         "key file: scrypt parameters n=%" PRIu64 " r=%u p=%u; expected n a power "
                         "of two above 1, r and p at least 1",
                         cost->n, cost->r, cost->p);
    uint64_t memory = KEYSTORE_MEMORY_MAX;
    if (cost->n > memory / 128 / cost->r)
        return error_set(error, ERROR_BUSY,
                         "key file: scrypt with n=%" PRIu64 " r=%u needs more than %u MiB of "
                         "memory, the most this program takes; write the key with a smaller n",
                         cost->n, cost->r, KEYSTORE_MEMORY_MAX / 1024 / 1024);
    if (cost->p > KEYSTORE_WORK_MAX / (cost->n * cost->r))
        return error_set(error, ERROR_BUSY,
                         "key file: scrypt with n=%" PRIu64 " r=%u p=%u would take too long; "
                         "expected n * r * p of at most %u",
                         cost->n, cost->r, cost->p, KEYSTORE_WORK_MAX);
    return true;
}

static bool derive(const struct keystore *store, struct bytes password, uint8_t *derived,
                   struct error *error)
{
    if (store->is_scrypt) {
        const struct keystore_cost *cost = &store->cost;
        if (crypto_pwhash_scryptsalsa208sha256_ll(password.data, password.size, store->salt,
                                                  store->salt_size, cost->n, cost->r, cost->p,
                                                  derived, store->derived_size)
            != 0)
            return error_set(error, ERROR_BUSY,
                             "key file: scrypt failed; it needs %" PRIu64 " MiB of free memory",
                             cost->n * cost->r / 8192 + 1);
        return true;
    }
    if (PKCS5_PBKDF2_HMAC((const char *)password.data, (int)password.size, store->salt,
                          (int)store->salt_size, (int)store->iterations, EVP_sha256(),
                          (int)store->derived_size, derived)
        != 1)
        return error_set(error, ERROR_IO, "key file: PBKDF2 failed in OpenSSL");
    return true;
}

/* AES-128 in counter mode: the same for both directions. */
static bool aes_128_ctr(uint8_t out[KEY_SIZE], const uint8_t in[KEY_SIZE], const uint8_t *key,
                        const uint8_t iv[IV_SIZE], struct error *error)
{
    int size = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool ok = context != NULL && EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), NULL, key, iv) == 1
              && EVP_EncryptUpdate(context, out, &size, in, KEY_SIZE) == 1 && size == KEY_SIZE;
    EVP_CIPHER_CTX_free(context);
    return ok || error_set(error, ERROR_IO, "key file: AES-128-CTR failed in OpenSSL");
}

static hash256 mac_of(const uint8_t derived[DERIVED_SIZE], const uint8_t cipher_text[KEY_SIZE])
{
    struct keccak keccak;
    keccak_init(&keccak);
    keccak_update(&keccak, derived + 16, 16);
    keccak_update(&keccak, cipher_text, KEY_SIZE);
    hash256 mac = keccak_finish(&keccak);
    OPENSSL_cleanse(&keccak, sizeof keccak);
    return mac;
}

static void append_hex(struct buffer *out, const uint8_t *bytes, size_t size)
{
    hex_encode((char *)buffer_extend(out, 2 * size), bytes, size);
}

static void append_uuid(struct buffer *out, uint8_t uuid[UUID_SIZE])
{
    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40); /* RFC 4122: version 4 */
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < UUID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            buffer_append_u8(out, '-');
        append_hex(out, uuid + i, 1);
    }
}

static void append_document(struct buffer *out, const struct keystore *store,
                            uint8_t uuid[UUID_SIZE])
{
    buffer_append_text(out, "{\"address\":\"");
    append_hex(out, store->account.bytes, ADDRESS_SIZE);
    buffer_append_text(out, "\",\"crypto\":{\"cipher\":\"aes-128-ctr\",\"ciphertext\":\"");
    append_hex(out, store->cipher_text, KEY_SIZE);
    buffer_append_text(out, "\",\"cipherparams\":{\"iv\":\"");
    append_hex(out, store->iv, IV_SIZE);
    buffer_append_format(out,
                         "\"},\"kdf\":\"scrypt\",\"kdfparams\":{\"dklen\":%d,\"n\":%" PRIu64
                         ",\"p\":%u,\"r\":%u,\"salt\":\"",
                         DERIVED_SIZE, store->cost.n, store->cost.p, store->cost.r);
    append_hex(out, store->salt, store->salt_size);
    buffer_append_text(out, "\"},\"mac\":\"");
    append_hex(out, store->mac, MAC_SIZE);
    buffer_append_text(out, "\"},\"id\":\"");
    append_uuid(out, uuid);
    buffer_append_text(out, "\",\"version\":3}\n");
}

bool keystore_encrypt(const struct secret_key *key, struct bytes password,
                      const struct keystore_cost *cost, struct buffer *out, struct error *error)
{
    struct keystore store = {.is_scrypt = true,
                             .cost = *cost,
                             .derived_size = DERIVED_SIZE,
                             .salt_size = SALT_SIZE,
                             .account = secret_key_address(key)};
    uint8_t derived[DERIVED_SIZE] = {0};
    uint8_t uuid[UUID_SIZE];
    if (!check_cost(cost, error))
        return false;
    if (RAND_bytes(store.salt, SALT_SIZE) != 1 || RAND_bytes(store.iv, IV_SIZE) != 1
        || RAND_bytes(uuid, UUID_SIZE) != 1)
        return error_set(error, ERROR_IO, "key file: the system's random source failed");

    bool ok = derive(&store, password, derived, error)
              && aes_128_ctr(store.cipher_text, key->bytes, derived, store.iv, error);
    if (ok) {
        hash256 mac = mac_of(derived, store.cipher_text);
        memcpy(store.mac, mac.bytes, MAC_SIZE);
        append_document(out, &store, uuid);
    }
    OPENSSL_cleanse(derived, sizeof derived);
    return ok;
}

/* Reading. Wallets write some keys with capitals ("Crypto"), so names ignore case. */
static const json_t *member(const json_t *object, const char *name)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        if (strcasecmp(key, name) == 0)
            return value;
    }
    return NULL;
}

static bool read_text(const json_t *object, const char *name, const char **text,
                      struct error *error)
{
    const json_t *value = member(object, name);
    if (!json_is_string(value))
        return error_set(error, ERROR_INVALID, "key file: \"%s\" is missing or not a text", name);
    *text = json_string_value(value);
    return true;
}

static bool read_number(const json_t *object, const char *name, uint64_t max, uint64_t *number,
                        struct error *error)
{
    const json_t *value = member(object, name);
    if (!json_is_integer(value) || json_integer_value(value) < 1
        || (uint64_t)json_integer_value(value) > max)
        return error_set(error, ERROR_INVALID,
                         "key file: \"%s\" is missing or out of range; expected 1 to %" PRIu64,
                         name, max);
    *number = (uint64_t)json_integer_value(value);
    return true;
}

/* Hex of at least `size_min` and at most `size_max` bytes, with or without "0x". */
static bool read_hex(const json_t *object, const char *name, uint8_t *out, size_t size_min,
                     size_t size_max, size_t *size, struct error *error)
{
    const char *text = NULL;
    if (!read_text(object, name, &text, error))
        return false;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    size_t digits = strlen(text);
    if (digits % 2 != 0 || digits / 2 < size_min || digits / 2 > size_max
        || !hex_decode(out, digits / 2, text))
        return error_set(error, ERROR_INVALID, "key file: \"%s\" is not hex of %zu to %zu bytes",
                         name, size_min, size_max);
    *size = digits / 2;
    return true;
}

static bool read_scrypt(struct keystore *store, const json_t *params, struct error *error)
{
    uint64_t r = 0;
    uint64_t p = 0;
    if (!read_number(params, "n", INT64_MAX, &store->cost.n, error)
        || !read_number(params, "r", UINT32_MAX, &r, error)
        || !read_number(params, "p", UINT32_MAX, &p, error))
        return false;
    store->cost.r = (uint32_t)r;
    store->cost.p = (uint32_t)p;
    return check_cost(&store->cost, error);
}

static bool read_pbkdf2(struct keystore *store, const json_t *params, struct error *error)
{
    const char *prf = NULL;
    if (!read_text(params, "prf", &prf, error)
        || !read_number(params, "c", INT64_MAX, &store->iterations, error))
        return false;
    if (strcasecmp(prf, "hmac-sha256") != 0)
        return error_set(error, ERROR_UNSUPPORTED,
                         "key file: PBKDF2 with \"%.32s\" is not known; expected hmac-sha256", prf);
    if (store->iterations > KEYSTORE_ITERATIONS_MAX)
        return error_set(error, ERROR_BUSY,
                         "key file: PBKDF2 with %" PRIu64 " rounds would take too long; expected "
                         "at most %u",
                         store->iterations, KEYSTORE_ITERATIONS_MAX);
    return true;
}

static bool read_derivation(struct keystore *store, const json_t *crypto, struct error *error)
{
    const json_t *params = member(crypto, "kdfparams");
    const char *kdf = NULL;
    uint64_t derived_size = 0;
    if (!read_text(crypto, "kdf", &kdf, error)
        || !read_hex(params, "salt", store->salt, 0, SALT_MAX, &store->salt_size, error)
        || !read_number(params, "dklen", DERIVED_MAX, &derived_size, error))
        return false;
    if (derived_size < DERIVED_SIZE)
        return error_set(error, ERROR_INVALID,
                         "key file: \"dklen\" is %" PRIu64 ", expected at least %d", derived_size,
                         DERIVED_SIZE);
    store->derived_size = derived_size;
    store->is_scrypt = strcasecmp(kdf, "scrypt") == 0;
    if (store->is_scrypt)
        return read_scrypt(store, params, error);
    if (strcasecmp(kdf, "pbkdf2") == 0)
        return read_pbkdf2(store, params, error);
    return error_set(error, ERROR_UNSUPPORTED,
                     "key file: derivation \"%.32s\" is not known; expected scrypt or pbkdf2", kdf);
}

static bool read_crypto(struct keystore *store, const json_t *crypto, struct error *error)
{
    const char *cipher = NULL;
    size_t size;
    if (!json_is_object(crypto))
        return error_set(error, ERROR_INVALID, "key file: \"crypto\" is missing");
    if (!read_text(crypto, "cipher", &cipher, error))
        return false;
    if (strcasecmp(cipher, "aes-128-ctr") != 0)
        return error_set(error, ERROR_UNSUPPORTED,
                         "key file: cipher \"%.32s\" is not known; expected aes-128-ctr", cipher);
    return read_hex(crypto, "ciphertext", store->cipher_text, KEY_SIZE, KEY_SIZE, &size, error)
           && read_hex(member(crypto, "cipherparams"), "iv", store->iv, IV_SIZE, IV_SIZE, &size,
                       error)
           && read_hex(crypto, "mac", store->mac, MAC_SIZE, MAC_SIZE, &size, error)
           && read_derivation(store, crypto, error);
}

static bool read_header(struct keystore *store, const json_t *root, struct error *error)
{
    const json_t *version = member(root, "version");
    size_t size;
    if (!json_is_object(root))
        return error_set(error, ERROR_INVALID, "key file: not a JSON object");
    bool is_three = (json_is_integer(version) && json_integer_value(version) == 3)
                    || (json_is_string(version) && strcmp(json_string_value(version), "3") == 0);
    if (!is_three)
        return error_set(error, ERROR_UNSUPPORTED,
                         "key file: not a Web3 Secret Storage of version 3");
    store->has_address = json_is_string(member(root, "address"));
    return !store->has_address
           || read_hex(root, "address", store->account.bytes, ADDRESS_SIZE, ADDRESS_SIZE, &size,
                       error);
}

static json_t *load(struct bytes document, struct error *error)
{
    json_error_t reason;
    if (document.size > KEYSTORE_FILE_MAX) {
        error_set(error, ERROR_INVALID, "key file: %zu bytes, expected at most %d", document.size,
                  KEYSTORE_FILE_MAX);
        return NULL;
    }
    json_t *root =
        json_loadb((const char *)document.data, document.size, JSON_REJECT_DUPLICATES, &reason);
    if (root == NULL) /* the reason may quote the file, which is close to a secret */
        error_set(error, ERROR_INVALID, "key file: not JSON (line %d, column %d)", reason.line,
                  reason.column);
    return root;
}

static bool decrypt(struct secret_key *key, const struct keystore *store, struct bytes password,
                    struct error *error)
{
    uint8_t derived[DERIVED_MAX] = {0};
    uint8_t plain[KEY_SIZE] = {0};
    bool ok = false;
    if (!derive(store, password, derived, error))
        goto done;
    hash256 mac = mac_of(derived, store->cipher_text);
    if (CRYPTO_memcmp(mac.bytes, store->mac, MAC_SIZE) != 0) {
        error_set(error, ERROR_DENIED, "wrong password (or the key file is damaged)");
        goto done;
    }
    if (!aes_128_ctr(plain, store->cipher_text, derived, store->iv, error))
        goto done;
    if (!secret_key_load(key, plain)) {
        error_set(error, ERROR_INVALID, "key file: what it holds is not a secp256k1 key");
        goto done;
    }
    address account = secret_key_address(key);
    if (store->has_address && !address_equal(&account, &store->account)) {
        secret_key_cleanup(key);
        error_set(error, ERROR_INVALID,
                  "key file: its key belongs to another address than the file names");
        goto done;
    }
    ok = true;
done:
    OPENSSL_cleanse(derived, sizeof derived);
    OPENSSL_cleanse(plain, sizeof plain);
    return ok;
}

bool keystore_decrypt(struct secret_key *key, struct bytes document, struct bytes password,
                      struct error *error)
{
    struct keystore store = {0};
    json_t *root = load(document, error);
    bool ok = root != NULL && read_header(&store, root, error)
              && read_crypto(&store, member(root, "crypto"), error);
    json_decref(root);
    return ok && decrypt(key, &store, password, error);
}

bool keystore_address(address *account, struct bytes document, struct error *error)
{
    struct keystore store = {0};
    json_t *root = load(document, error);
    bool ok = root != NULL && read_header(&store, root, error);
    json_decref(root);
    if (ok && !store.has_address)
        return error_set(error, ERROR_NOT_FOUND, "key file: it names no address");
    *account = store.account;
    return ok;
}
