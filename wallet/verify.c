#include "wallet/verify.h"

#include "ledger/codec/address_text.h"
#include "ledger/trie/trie.h"
#include "rpc/client.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"
#include "wallet/chain.h"
#include "wallet/phrase.h"
#include "wallet/pins.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define PROOF_NODES_MAX 65 /* a key has 64 nibbles */

static const char *const TRUST = "the same with --trust, to believe the node without proof";

enum wallet_exit verify_refuse(struct wallet *wallet, const char *format, ...)
{
    char text[sizeof wallet->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return wallet_fail(wallet, WALLET_UNPROVEN, TRUST, "not proven: %.900s", text);
}

enum wallet_exit verify_ask(struct wallet *wallet, const char *method, json_t *params,
                            json_t **result)
{
    enum wallet_exit code = chain_call(wallet, method, params, result);
    if (code != WALLET_REFUSED)
        return code;
    char text[sizeof wallet->message];
    memcpy(text, wallet->message, sizeof text);
    return verify_refuse(wallet, "%.900s", text);
}

bool verify_bytes_in(struct arena *arena, const json_t *text, struct bytes *out)
{
    struct buffer bytes = {0};
    const char *hex = json_string_value(text);
    bool ok =
        hex != NULL
        && (strcmp(hex, "0x") == 0 || hex_decode_append(&bytes, hex, json_string_length(text)));
    *out = arena_copy(arena, buffer_view(&bytes));
    buffer_cleanup(&bytes);
    return ok;
}

bool verify_bytes(struct wallet *wallet, const json_t *text, struct bytes *out)
{
    return verify_bytes_in(&wallet->arena, text, out);
}

/* ---- The ledger --------------------------------------------------------------------------- */

bool verify_charter(struct wallet *wallet, struct bytes document, struct verified_ledger *ledger,
                    struct error *error)
{
    struct trie_changes nodes = {0};
    *ledger = (struct verified_ledger){.document = document};
    if (!genesis_parse(&ledger->genesis, document, &wallet->arena, error))
        return false;
    hash256 hash = genesis_document_hash(document);
    struct state_changes state = genesis_state(&ledger->genesis, &wallet->arena);
    if (!genesis_header(&ledger->genesis, &hash, &state, &wallet->arena, &nodes, &ledger->header,
                        error))
        return false;
    ledger->id = header_hash(&ledger->header, ledger->genesis.fork);
    ledger->chain_id = genesis_chain_id(&ledger->genesis, &hash);
    const struct epoch_record first = genesis_epoch_record(&ledger->genesis, &ledger->id);
    ledger->epochs =
        epochs_new(&wallet->arena, ledger->chain_id, &ledger->id, ledger->genesis.fork, &first);
    return true;
}

enum wallet_exit verify_org(struct wallet *wallet, const json_t *org,
                            struct verified_ledger *ledger)
{
    struct error error;
    hash256 said;
    const json_t *charter = json_object_get(org, "charter");
    const char *id = json_string_value(json_object_get(org, "id"));
    if (!json_is_object(charter))
        return verify_refuse(wallet, "the node shows no charter");
    char *text = json_dumps(charter, JSON_COMPACT | JSON_SORT_KEYS);
    struct bytes document = arena_copy(&wallet->arena, bytes_of_text(text));
    free(text);
    if (document.size > GENESIS_SIZE_MAX)
        return verify_refuse(wallet, "the charter has %zu bytes; at most %d are possible",
                             document.size, GENESIS_SIZE_MAX);
    if (!verify_charter(wallet, document, ledger, &error))
        return verify_refuse(wallet, "the charter founds no ledger: %s", error.text);
    if (id == NULL || !hex_decode_fixed(said.bytes, sizeof said.bytes, id, strlen(id))
        || !hash256_equal(&said, &ledger->id))
        return verify_refuse(wallet, "the charter founds another ledger than the id that the node "
                                     "names");
    wallet->symbol = arena_text(&wallet->arena, bytes_of_text(ledger->genesis.symbol));
    return WALLET_OK;
}

enum wallet_exit verify_ledger_shown(struct wallet *wallet, struct verified_ledger *ledger)
{
    json_t *org;
    enum wallet_exit code = verify_ask(wallet, "org_get", NULL, &org);
    if (code == WALLET_OK)
        code = verify_org(wallet, org, ledger);
    json_decref(org);
    return code;
}

static enum wallet_exit compare_pin(struct wallet *wallet, const struct pin *pin, const hash256 *id)
{
    char before[HASH_WORDS_SIZE], now[HASH_WORDS_SIZE], text[67] = "0x";
    const char *url = rpc_client_url(wallet->node);
    if (hash256_equal(&pin->id, id))
        return WALLET_OK;
    hash_words(before, &pin->id);
    hash_words(now, id);
    hex_encode(text + 2, id->bytes, 32);
    return wallet_fail(
        wallet, WALLET_UNPROVEN,
        arena_format(&wallet->arena, "lwallet org add %s#%s, if that is the ledger you mean", url,
                     text),
        "the ledger at %s was %s, and the node now shows %s: it is another one", url, before, now);
}

static enum wallet_exit meet(struct wallet *wallet, const struct verified_ledger *ledger)
{
    struct error error;
    char words[HASH_WORDS_SIZE];
    struct pin pin = {.id = ledger->id};
    if (!pins_put(wallet, rpc_client_url(wallet->node), &pin, &error))
        return wallet_fail_error(wallet, &error, NULL);
    hash_words(words, &ledger->id);
    if (!wallet_is_json(wallet))
        fprintf(stderr,
                "first use of this ledger; its id in words: %s\n"
                "  (compare them with somebody who knows; the wallet notices if they change)\n",
                words);
    wallet_put_text(wallet, "firstUse", words);
    return WALLET_OK;
}

enum wallet_exit verify_ledger(struct wallet *wallet, struct verified_ledger *ledger)
{
    struct error error;
    struct pin pin = {.height = 0};
    bool is_known;
    enum wallet_exit code = verify_ledger_shown(wallet, ledger);
    if (code != WALLET_OK)
        return code;
    if (!pins_get(wallet, rpc_client_url(wallet->node), &pin, &is_known, &error))
        return wallet_fail_error(wallet, &error, NULL);
    ledger->height_seen = pin.height;
    return is_known ? compare_pin(wallet, &pin, &ledger->id) : meet(wallet, ledger);
}

/* ---- Epochs ------------------------------------------------------------------------------- */

static enum wallet_exit follow_seals(struct wallet *wallet, struct verified_epochs *epochs,
                                     const json_t *answer)
{
    struct bytes chain;
    if (!verify_bytes(wallet, json_object_get(answer, "chain"), &chain))
        return verify_refuse(wallet, "the node's chain of seals is no bytes in hex");
    const unsigned before = epochs->count;
    const enum finality_verdict verdict = epochs_follow(epochs, chain);
    if (verdict == FINALITY_UNSUPPORTED)
        return verify_refuse(wallet, "epoch %u of the ledger needs a newer lwallet",
                             epochs->count + 1);
    if (verdict != FINALITY_OK)
        return verify_refuse(wallet, "the seal of epoch %u does not hold: %s", epochs->count,
                             finality_verdict_text(verdict));
    if (epochs->count == before)
        return verify_refuse(wallet, "the node shows no seal of epoch %u", before);
    return WALLET_OK;
}

/* The epoch of that number, by as many of the node's seals as it takes. */
static enum wallet_exit find_epoch(struct wallet *wallet, const struct verified_ledger *ledger,
                                   uint64_t number, const struct verified_epoch **epoch)
{
    enum wallet_exit code = WALLET_OK;
    while (code == WALLET_OK && number > ledger->epochs->count) {
        char quantity[24];
        json_t *answer;
        snprintf(quantity, sizeof quantity, "0x%x", ledger->epochs->count);
        code = verify_ask(wallet, "org_getSeals", json_pack("[s]", quantity), &answer);
        if (code == WALLET_OK)
            code = follow_seals(wallet, ledger->epochs, answer);
        json_decref(answer);
    }
    *epoch = epochs_find(ledger->epochs, number);
    if (code == WALLET_OK && *epoch == NULL)
        return verify_refuse(wallet, "there is no epoch %" PRIu64, number);
    return code;
}

/* ---- Blocks ------------------------------------------------------------------------------- */

static enum wallet_exit read_finality(struct wallet *wallet, const struct verified_ledger *ledger,
                                      const json_t *answer, uint64_t height,
                                      struct verified_block *block)
{
    struct bytes encoded;
    struct finality_proof proof;
    enum vm_fork fork = ledger->genesis.fork;
    if (!verify_bytes(wallet, json_object_get(answer, "proof"), &encoded)
        || !finality_proof_decode(&proof, fork, encoded, &wallet->arena))
        return verify_refuse(wallet, "the finality proof of block %" PRIu64 " is malformed",
                             height);
    if (proof.headers[0].number != height)
        return verify_refuse(wallet, "asked for block %" PRIu64 ", the node proves block %" PRIu64,
                             height, proof.headers[0].number);
    const struct verified_epoch *epoch;
    enum wallet_exit code = find_epoch(wallet, ledger, proof.finalization.epoch, &epoch);
    if (code != WALLET_OK)
        return code;
    enum finality_verdict verdict = finality_proof_check(&proof, &epoch->domain, &epoch->record);
    if (verdict != FINALITY_OK)
        return verify_refuse(wallet, "block %" PRIu64 " is not final: %s", height,
                             finality_verdict_text(verdict));
    *block =
        (struct verified_block){proof.headers[0], header_hash(&proof.headers[0], fork),
                                proof.finalization.signatures_count, epoch->record.committee_size};
    return WALLET_OK;
}

enum wallet_exit verify_block(struct wallet *wallet, const struct verified_ledger *ledger,
                              uint64_t height, struct verified_block *block)
{
    char quantity[24];
    json_t *answer;
    if (height == 0) {
        *block = (struct verified_block){.header = ledger->header, .hash = ledger->id};
        return WALLET_OK;
    }
    snprintf(quantity, sizeof quantity, "0x%" PRIx64, height);
    enum wallet_exit code =
        verify_ask(wallet, "org_getFinalityProof", json_pack("[s]", quantity), &answer);
    if (code == WALLET_OK)
        code = read_finality(wallet, ledger, answer, height, block);
    json_decref(answer);
    return code;
}

enum wallet_exit verify_head(struct wallet *wallet, const struct verified_ledger *ledger,
                             struct verified_block *block)
{
    struct error error;
    u256 height;
    enum wallet_exit code = chain_quantity(wallet, "eth_blockNumber", NULL, &height);
    if (code != WALLET_OK)
        return code;
    if (!u256_fits_u64(&height) || height.limbs[0] < ledger->height_seen)
        return verify_refuse(wallet,
                             "the node says block %" PRIu64 " is its newest, and block %" PRIu64
                             " was seen before: it shows an old state",
                             height.limbs[0], ledger->height_seen);
    code = verify_block(wallet, ledger, height.limbs[0], block);
    struct pin pin = {ledger->id, height.limbs[0]};
    if (code == WALLET_OK && height.limbs[0] > ledger->height_seen
        && !pins_put(wallet, rpc_client_url(wallet->node), &pin, &error))
        return wallet_fail_error(wallet, &error, NULL);
    return code;
}

/* ---- Accounts ----------------------------------------------------------------------------- */

static enum wallet_exit read_account(struct wallet *wallet, const struct verified_block *block,
                                     const address *who, const json_t *answer,
                                     struct account *account)
{
    struct bytes nodes[PROOF_NODES_MAX], value;
    const json_t *list = json_object_get(answer, "accountProof");
    size_t count = json_array_size(list);
    bool ok = json_is_array(list) && count <= PROOF_NODES_MAX;
    for (size_t i = 0; i < count && ok; i++)
        ok = verify_bytes(wallet, json_array_get(list, i), &nodes[i]);
    if (!ok)
        return verify_refuse(wallet, "the node's proof is no list of at most %d nodes in hex",
                             PROOF_NODES_MAX);
    hash256 key = keccak256(who->bytes, sizeof who->bytes);
    enum trie_proof_verdict verdict =
        trie_proof_check(&block->header.state_root, &key, nodes, count, &value);
    if (verdict != TRIE_PROOF_OK)
        return verify_refuse(
            wallet, "the account is not in the state of block %" PRIu64 " as the node says: %s",
            block->header.number, trie_proof_verdict_text(verdict));
    *account = (struct account){.nonce = 0};
    if (value.size > 0 && !account_decode(account, value))
        return verify_refuse(wallet, "the proven account is malformed");
    u256 said;
    if (!chain_read_quantity(answer, "balance", &said) || !u256_equal(&said, &account->balance))
        return verify_refuse(wallet, "the balance that the node says is not the one it proves");
    return WALLET_OK;
}

enum wallet_exit verify_account(struct wallet *wallet, const struct verified_block *block,
                                const address *who, struct account *account)
{
    char text[ADDRESS_TEXT_SIZE], quantity[24];
    json_t *answer;
    address_format(text, who);
    snprintf(quantity, sizeof quantity, "0x%" PRIx64, block->header.number);
    enum wallet_exit code =
        verify_ask(wallet, "eth_getProof", json_pack("[s, [], s]", text, quantity), &answer);
    if (code == WALLET_OK)
        code = read_account(wallet, block, who, answer, account);
    json_decref(answer);
    return code;
}

void verify_say(struct wallet *wallet, const struct verified_block *block)
{
    uint64_t number = block->header.number;
    if (number == 0)
        wallet_say(wallet, "  verified at block 0, whose hash is the ledger's id");
    else
        wallet_say(wallet, "  verified at block %" PRIu64 " by %u of %u", number, block->signers,
                   block->committee_size);
    wallet_put(wallet, "verified",
               json_pack("{s:I, s:i, s:i}", "block", (json_int_t)number, "by", (int)block->signers,
                         "of", (int)block->committee_size));
}

void verify_say_trusted(struct wallet *wallet)
{
    wallet_say(wallet, "  as the node says, not verified");
    wallet_put(wallet, "verified", json_false());
}
