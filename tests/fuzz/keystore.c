/* Key files from other wallets: any bytes are read within bounds; a key that comes out is one
 * whose file, written anew, opens again. */
#include "ledger/codec/keystore.h"
#include "tests/fuzz/target.h"

/* Derivations that take no time; the bounds of the others are for the unit tests. */
static bool is_cheap(struct bytes document)
{
    static const char *const costs[] = {"\"c\":1,", "\"n\":2,\"p\":1,\"r\":1,"};
    for (size_t index = 0; index < sizeof costs / sizeof *costs; index++)
        if (memmem(document.data, document.size, costs[index], strlen(costs[index])) != NULL)
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct keystore_cost cost = {.n = 2, .r = 1, .p = 1};
    struct bytes document = bytes_of(data, size), password = bytes_of_text("testpassword");
    struct error error;
    struct secret_key key, again;
    struct buffer written = {0};
    address account;
    bool has_address = keystore_address(&account, document, &error);
    if (!is_cheap(document) || !keystore_decrypt(&key, document, password, &error))
        return 0;
    address own = secret_key_address(&key);
    must(!has_address || address_equal(&own, &account), "the key of another address");
    must(keystore_encrypt(&key, password, &cost, &written, &error), "a good key is not written");
    must(keystore_decrypt(&again, buffer_view(&written), password, &error), "it does not open");
    must(memcmp(key.bytes, again.bytes, sizeof key.bytes) == 0, "another key was written");
    buffer_cleanup(&written);
    secret_key_cleanup(&key);
    secret_key_cleanup(&again);
    return 0;
}
