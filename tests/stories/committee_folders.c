/* For stories: the data directories of nodes that share one ledger, as a founding on several nodes
 * leaves them.
 *
 *   committee_folders DIRECTORY ACCOUNT PULSE_MS HOST:PORT...
 *
 * makes DIRECTORY/0, 1, ... with keys of their own, one for each HOST:PORT where others reach that
 * node, and prints the chain id. All of the genesis coin is ACCOUNT's. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ledger/ledger.h"
#include "node/data_dir.h"
#include "vm/base/hex.h"

#define NODES_MAX 16
#define REVEALS   65536
#define LABEL     "together"

struct node {
    struct data_dir dir;
    struct reveal_chain *reveals;
};

static void fail(const struct error *error)
{
    fprintf(stderr, "committee_folders: %s\n", error->text);
    exit(1);
}

static void make_node(struct node *node, struct committee_entry *entry, const char *directory,
                      unsigned number, const char *endpoint)
{
    struct error error;
    char path[PATH_SIZE];
    if (!path_format(path, &error, "%s/%u", directory, number)
        || !data_dir_open(&node->dir, path, DATA_DIR_RUN, &error))
        fail(&error);
    *entry = (struct committee_entry){
        .consensus = secret_key_address(&node->dir.keys.consensus),
        .payout = secret_key_address(&node->dir.keys.operator_account),
        .weight = 1,
        .reveal_salt = {{(uint8_t)number, 1}},
    };
    keys_node_public(&node->dir.keys, entry->node_key);
    snprintf(entry->endpoint, sizeof entry->endpoint, "%s", endpoint);
    node->reveals = reveal_chain_new(&node->dir.keys.consensus, &entry->reveal_salt, REVEALS);
    entry->reveal_commitment = reveal_chain_commitment(node->reveals);
}

static void write_in(const struct node *node, const char *name, struct bytes content)
{
    struct error error;
    char path[PATH_SIZE];
    if (!path_format(path, &error, "%s/ledgers/" LABEL "/%s", node->dir.path, name)
        || !file_write(path, content, &error))
        fail(&error);
}

static hash256 found(const char *store, struct bytes document, uint64_t *chain_id)
{
    struct error error;
    const struct ledger_options options = {.pool = pool_limits_default()};
    if (!ledger_found(store, document, &error) || !ledger_found_promises(store, &error))
        fail(&error);
    struct ledger *ledger = ledger_open(store, &options, &error);
    if (ledger == NULL)
        fail(&error);
    const hash256 id = *ledger_id(ledger);
    *chain_id = ledger_chain_id(ledger);
    ledger_close(ledger);
    return id;
}

static uint64_t write_folder(struct node *node, struct bytes document)
{
    struct error error;
    char path[PATH_SIZE];
    struct buffer text = {0};
    uint64_t chain_id;
    if (!path_format(path, &error, "%s/ledgers/" LABEL, node->dir.path) || !dir_make(path, &error))
        fail(&error);
    write_in(node, "genesis.json", document);
    reveal_chain_encode(node->reveals, &text);
    write_in(node, "reveals", buffer_view(&text));
    if (!path_format(path, &error, "%s/ledgers/" LABEL "/store", node->dir.path))
        fail(&error);
    const hash256 id = found(path, document, &chain_id);
    buffer_clear(&text);
    hex_append(&text, bytes_of(id.bytes, sizeof id.bytes));
    write_in(node, "id", buffer_view(&text));
    buffer_cleanup(&text);
    return chain_id;
}

static void make_genesis(const char *account, const char *pulse_ms,
                         struct committee_entry *committee, unsigned count, struct buffer *document)
{
    struct error error;
    struct genesis_coin coin = {.amount_wei = u256_from_u64(UINT64_MAX), .reason = "to be moved"};
    struct genesis genesis = genesis_defaults();
    if (!hex_decode_fixed(coin.to.bytes, sizeof coin.to.bytes, account, strlen(account))) {
        error_set(&error, ERROR_INVALID, "\"%.60s\" is no account", account);
        fail(&error);
    }
    snprintf(genesis.name, sizeof genesis.name, "Together");
    snprintf(genesis.symbol, sizeof genesis.symbol, "TGT");
    genesis.founder = coin.to;
    genesis.created = (uint64_t)time(NULL);
    genesis.parameters.pulse_ms = strtoul(pulse_ms, NULL, 10);
    genesis.committee = committee;
    genesis.committee_size = count;
    genesis.coins = &coin;
    genesis.coins_count = 1;
    if (!genesis_check(&genesis, &error))
        fail(&error);
    genesis_format(&genesis, document);
}

int main(int count, char **words)
{
    static struct node nodes[NODES_MAX];
    struct committee_entry committee[NODES_MAX];
    struct buffer document = {0};
    uint64_t chain_id = 0;
    if (count < 5 || count > 4 + NODES_MAX) {
        fprintf(stderr, "usage: committee_folders DIRECTORY ACCOUNT PULSE_MS HOST:PORT...\n");
        return 2;
    }
    const unsigned members = (unsigned)count - 4;
    for (unsigned i = 0; i < members; i++)
        make_node(&nodes[i], &committee[i], words[1], i, words[4 + i]);
    make_genesis(words[2], words[3], committee, members, &document);
    for (unsigned i = 0; i < members; i++) {
        chain_id = write_folder(&nodes[i], buffer_view(&document));
        reveal_chain_free(nodes[i].reveals);
        data_dir_close(&nodes[i].dir);
    }
    buffer_cleanup(&document);
    printf("%" PRIu64 "\n", chain_id);
    return 0;
}
