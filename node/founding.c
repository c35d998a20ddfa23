#include "node/founding.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "ledger/ledger.h"
#include "vm/base/hex.h"

#define UNFINISHED_PREFIX ".new-"

bool founding_from_request(struct founding *founding, const struct org_request *request,
                           uint64_t now_s, struct genesis_coin *coins, struct error *error)
{
    struct genesis genesis = genesis_defaults();

    *founding = (struct founding){0};
    if (!label_check(request->label, error))
        return false;
    memcpy(founding->label, request->label, sizeof founding->label);
    memcpy(genesis.name, request->name, sizeof genesis.name);
    if (genesis.name[0] == '\0')
        memcpy(genesis.name, request->label, strlen(request->label) + 1);
    memcpy(genesis.symbol, request->symbol, sizeof genesis.symbol);
    genesis.founder = request->founder;
    genesis.created = now_s;
    genesis.chain_id_fixed = request->chain_id_fixed;
    genesis.transparency = request->transparency;
    if (request->has_fork)
        genesis.fork = request->fork;
    genesis.fees = request->fees;
    genesis.base_fee_floor = request->base_fee_floor;
    if (request->pulse_ms != 0)
        genesis.parameters.pulse_ms = request->pulse_ms;
    if (!u256_is_zero(&request->grant_wei)) {
        coins[0] = (struct genesis_coin){.to = request->founder, .amount_wei = request->grant_wei};
        memcpy(coins[0].reason, request->reason, sizeof coins[0].reason);
        if (coins[0].reason[0] == '\0')
            snprintf(coins[0].reason, sizeof coins[0].reason, "founding work");
        genesis.coins = coins;
        genesis.coins_count = 1;
    }
    founding->genesis = genesis;
    return true;
}

bool founding_make_entry(const struct data_dir *dir, uint64_t reveals,
                         struct committee_entry *entry, struct reveal_chain **chain,
                         struct error *error)
{
    *entry = (struct committee_entry){
        .consensus = secret_key_address(&dir->keys.consensus),
        .payout = secret_key_address(&dir->keys.operator_account),
        .weight = 1,
    };
    keys_node_public(&dir->keys, entry->node_key);
    if (RAND_bytes(entry->reveal_salt.bytes, sizeof entry->reveal_salt.bytes) != 1)
        return error_set(error, ERROR_IO, "the system gave no random bytes for the reveals");
    *chain = reveal_chain_new(&dir->keys.consensus, &entry->reveal_salt,
                              reveals == 0 ? REVEAL_LENGTH : reveals);
    entry->reveal_commitment = reveal_chain_commitment(*chain);
    return true;
}

static bool check_chain_id(const struct founding *founding, struct bytes document,
                           const uint64_t *taken, size_t taken_count, struct error *error)
{
    hash256 hash = genesis_document_hash(document);
    uint64_t chain_id = genesis_chain_id(&founding->genesis, &hash);
    for (size_t i = 0; i < taken_count; i++) {
        if (taken[i] == chain_id)
            return error_set(error, ERROR_EXISTS,
                             "another organisation on this node has chain id %" PRIu64
                             "; choose another one, or leave it out",
                             chain_id);
    }
    return true;
}

/* Block 0's hash, from the document alone. */
static bool block_0_hash(struct bytes document, hash256 *id, struct error *error)
{
    struct arena arena = {0};
    struct genesis genesis;
    struct trie_changes nodes = {0};
    struct header header;
    bool ok = genesis_parse(&genesis, document, &arena, error);

    if (ok) {
        hash256 hash = genesis_document_hash(document);
        struct state_changes state = genesis_state(&genesis, &arena);
        ok = genesis_header(&genesis, &hash, &state, &arena, &nodes, &header, error);
        if (ok)
            *id = header_hash(&header, genesis.fork);
    }
    arena_cleanup(&arena);
    return ok;
}

static bool write_in(const char *folder, const char *name, struct bytes content,
                     struct error *error)
{
    char path[PATH_SIZE];
    return path_format(path, error, "%s/%s", folder, name) && file_write(path, content, error);
}

bool founding_put_reveals(const char *folder, const struct reveal_chain *chain, struct error *error)
{
    struct buffer encoded = {0};
    reveal_chain_encode(chain, &encoded);
    bool ok = write_in(folder, "reveals", buffer_view(&encoded), error);
    OPENSSL_cleanse(encoded.data, encoded.capacity);
    buffer_cleanup(&encoded);
    return ok;
}

static bool write_id(const char *folder, const hash256 *id, struct error *error)
{
    struct buffer text = {0};
    hex_append(&text, bytes_of(id->bytes, sizeof id->bytes));
    buffer_append_text(&text, "\n");
    bool ok = write_in(folder, "id", buffer_view(&text), error);
    buffer_cleanup(&text);
    return ok;
}

bool founding_put_ledger(const char *folder, struct bytes document, struct error *error)
{
    char store[PATH_SIZE];
    hash256 id;
    return path_format(store, error, "%s/store", folder) && block_0_hash(document, &id, error)
           && write_in(folder, "genesis.json", document, error) && write_id(folder, &id, error)
           && ledger_found(store, document, error) && ledger_found_promises(store, error)
           && dir_sync(folder, error);
}

/* What belongs into a folder besides the ledger. */
struct extra_file {
    bool (*put)(const char *folder, const void *content, struct error *error);
    const void *content;
};

/* Everything into the folder `beside`, then the rename that makes it an organisation. */
static bool write_folder(const struct data_dir *dir, const char *label, struct bytes document,
                         struct extra_file extra, struct error *error)
{
    char parent[PATH_SIZE], beside[PATH_SIZE], place[PATH_SIZE];

    if (!path_format(parent, error, "%s/ledgers", dir->path)
        || !path_format(beside, error, "%s/" UNFINISHED_PREFIX "%s", parent, label)
        || !path_format(place, error, "%s/%s", parent, label))
        return false;
    if (file_exists(place))
        return error_set(error, ERROR_EXISTS,
                         "this node has an organisation %s; choose another label", label);
    if (!dir_remove(beside, error) || !dir_make(beside, error))
        return false;
    if (extra.put(beside, extra.content, error) && founding_put_ledger(beside, document, error)) {
        if (rename(beside, place) == 0)
            return dir_sync(parent, error);
        error_set_errno(error, "could not rename %s", beside);
    }
    struct error ignored;
    dir_remove(beside, &ignored);
    return false;
}

static bool put_reveals(const char *folder, const void *chain, struct error *error)
{
    return founding_put_reveals(folder, chain, error);
}

bool founding_write(const struct data_dir *dir, const struct founding *founding,
                    const uint64_t *taken, size_t taken_count, struct error *error)
{
    struct founding complete = *founding;
    struct committee_entry entry;
    struct reveal_chain *chain = NULL;
    struct buffer document = {0};
    bool ok = false;

    if (!label_check(founding->label, error)
        || !founding_make_entry(dir, founding->reveals, &entry, &chain, error))
        goto done;
    complete.genesis.committee = &entry;
    complete.genesis.committee_size = 1;
    if (!genesis_check(&complete.genesis, error))
        goto done;
    genesis_format(&complete.genesis, &document);
    ok = check_chain_id(&complete, buffer_view(&document), taken, taken_count, error)
         && write_folder(dir, founding->label, buffer_view(&document),
                         (struct extra_file){put_reveals, chain}, error);
done:
    reveal_chain_free(chain);
    buffer_cleanup(&document);
    return ok;
}

/* ---- Joining --------------------------------------------------------------------------------- */

static bool put_addresses(const char *folder, const void *content, struct error *error)
{
    const struct invitation *invitation = content;
    struct buffer text = {0};
    for (unsigned i = 0; i < invitation->addresses_count; i++) {
        hex_append(&text, bytes_of(invitation->addresses[i].who.key, 33));
        buffer_append_format(&text, " %s\n", invitation->addresses[i].endpoint);
    }
    const bool ok = write_in(folder, "addresses", buffer_view(&text), error);
    buffer_cleanup(&text);
    return ok;
}

/* What a label may have of a name: letters in lower case, digits, and a hyphen for the rest. */
static void label_of_name(const char *name, char out[LABEL_MAX + 1])
{
    size_t size = 0;
    for (; *name != '\0' && size < LABEL_MAX; name++) {
        const char c = *name >= 'A' && *name <= 'Z' ? (char)(*name + ('a' - 'A')) : *name;
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (is_plain)
            out[size++] = c;
        else if (size > 0 && out[size - 1] != '-')
            out[size++] = '-';
    }
    while (size > 0 && out[size - 1] == '-')
        size--;
    if (size == 0)
        out[size++] = 'o';
    out[size] = '\0';
}

bool founding_check_invited(const struct invitation *invitation, struct bytes document,
                            const char *label, struct invited *invited, struct error *error)
{
    struct arena arena = {0};
    struct genesis genesis;
    hash256 id;
    bool ok = block_0_hash(document, &id, error);
    if (!ok || !hash256_equal(&id, &invitation->ledger))
        return error_set(error, ERROR_INVALID,
                         "the node sent another founding document than the invitation names");
    ok = genesis_parse(&genesis, document, &arena, error);
    if (ok) {
        const hash256 hash = genesis_document_hash(document);
        invited->chain_id = genesis_chain_id(&genesis, &hash);
        if (label[0] != '\0')
            snprintf(invited->label, sizeof invited->label, "%s", label);
        else
            label_of_name(genesis.name, invited->label);
        ok = label_check(invited->label, error);
    }
    arena_cleanup(&arena);
    return ok;
}

bool founding_write_invited(const struct data_dir *dir, const struct invited *invited,
                            const struct invitation *invitation, struct bytes document,
                            struct error *error)
{
    return write_folder(dir, invited->label, document,
                        (struct extra_file){put_addresses, invitation}, error);
}

/* ---- Cleaning up ----------------------------------------------------------------------------- */

static bool remove_one(void *context, const char *path, struct error *error)
{
    (void)context;
    return dir_remove(path, error);
}

bool founding_clean_up(const struct data_dir *dir, struct error *error)
{
    char path[PATH_SIZE];
    return path_format(path, error, "%s/ledgers", dir->path)
           && dir_visit(path, UNFINISHED_PREFIX, remove_one, NULL, error);
}
