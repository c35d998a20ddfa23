/* org add, check: which ledger is meant, and whether all of it holds. */
#include "ledger/ledger.h"
#include "ledger/store/folder.h"
#include "rpc/client.h"
#include "vm/base/hex.h"
#include "wallet/amount.h"
#include "wallet/chain.h"
#include "wallet/commands/commands.h"
#include "wallet/config.h"
#include "wallet/phrase.h"
#include "wallet/pins.h"
#include "wallet/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PROGRESS_EVERY 100 /* blocks */
#define REPORT_MAX     300 /* characters of a report in a message */

/* ---- org add ------------------------------------------------------------------------------ */

/* "http://host:8545/o/acme#0x..." taken apart; `label` NULL: the node's default organisation. */
struct place {
    const char *base;
    const char *label;
    const char *id; /* 0x... or six words; NULL: none given */
};

static bool parse_place(struct wallet *wallet, const char *text, struct place *place,
                        struct error *error)
{
    const char *hash = strchr(text, '#');
    size_t size = hash != NULL ? (size_t)(hash - text) : strlen(text);
    const char *url = arena_text(&wallet->arena, bytes_of(text, size));
    const char *scheme = strstr(url, "://");
    if (scheme == NULL)
        return error_set(error, ERROR_INVALID,
                         "\"%.80s\" is no address of a ledger; expected one like "
                         "http://127.0.0.1:8545/o/acme#0x...",
                         text);
    const char *path = strchr(scheme + 3, '/');
    const char *label = path != NULL && strncmp(path, "/o/", 3) == 0 ? path + 3 : NULL;
    place->id = hash != NULL ? hash + 1 : NULL;
    place->label = label;
    place->base =
        path == NULL ? url : arena_text(&wallet->arena, bytes_of(url, (size_t)(path - url)));
    return label != NULL || path == NULL || path[1] == '\0'
           || error_set(error, ERROR_INVALID, "\"%.80s\": expected a path like /o/acme", url);
}

static enum wallet_exit compare_id(struct wallet *wallet, const char *wanted, const hash256 *id)
{
    hash256 read;
    char words[HASH_WORDS_SIZE], text[67] = "0x";
    hash_words(words, id);
    hex_encode(text + 2, id->bytes, 32);
    bool is_hash = strncmp(wanted, "0x", 2) == 0;
    size_t dashes = 0;
    for (const char *c = wanted; *c != '\0'; c++)
        dashes += *c == '-';
    if (is_hash ? !hex_decode_fixed(read.bytes, 32, wanted, strlen(wanted)) : dashes != 5)
        return wallet_fail(wallet, WALLET_USAGE, "lwallet help org add",
                           "\"%.80s\" is no id; expected 0x and 64 hex digits, or six words with "
                           "dashes between them",
                           wanted);
    if (is_hash ? hash256_equal(&read, id) : strcmp(wanted, words) == 0)
        return WALLET_OK;
    return wallet_fail(wallet, WALLET_UNPROVEN, NULL, "the ledger there has another id: %s (%s)",
                       words, text);
}

static bool keep_place(struct wallet *wallet, const struct place *place,
                       const struct verified_ledger *ledger, struct error *error)
{
    const char *url = rpc_client_url(wallet->node);
    struct pin pin = {.id = ledger->id};
    wallet->options.values[OPTION_RPC] = NULL;
    wallet->options.values[OPTION_ORG] = NULL;
    return pins_put(wallet, url, &pin, error)
           && config_keep_ledger(wallet, url, ledger->chain_id, error)
           && config_set(wallet, SETTING_RPC, place->base, error)
           && config_set(wallet, SETTING_ORG, place->label, error);
}

static void say_ledger(struct wallet *wallet, const struct verified_ledger *ledger)
{
    char words[HASH_WORDS_SIZE], text[67] = "0x";
    hash_words(words, &ledger->id);
    hex_encode(text + 2, ledger->id.bytes, 32);
    wallet_say(wallet, "  id            %s", text);
    wallet_say(wallet, "  in words      %s", words);
    wallet_say(wallet, "  chain id      %" PRIu64, ledger->chain_id);
    wallet_put_text(wallet, "id", text);
    wallet_put_text(wallet, "words", words);
    wallet_put(wallet, "chainId", json_integer((json_int_t)ledger->chain_id));
    wallet_put_text(wallet, "name", ledger->genesis.name);
}

/* Opens the ledger at a place that the command line names, whatever the settings say. */
static enum wallet_exit open_place(struct wallet *wallet, const char *text, struct place *place)
{
    struct error error;
    if (!parse_place(wallet, text, place, &error))
        return wallet_fail_error(wallet, &error, "lwallet help org add");
    wallet->options.values[OPTION_RPC] = place->base;
    wallet->options.values[OPTION_ORG] = place->label;
    return chain_open(wallet, place->label != NULL ? CHAIN_ORG : CHAIN_NODE);
}

COMMAND(org_add)
{
    struct error error;
    struct place place = {0};
    struct verified_ledger ledger;
    (void)count;
    enum wallet_exit code = open_place(wallet, arguments[0], &place);
    if (code == WALLET_OK)
        code = verify_ledger_shown(wallet, &ledger);
    if (code == WALLET_OK && place.id != NULL)
        code = compare_id(wallet, place.id, &ledger.id);
    if (code != WALLET_OK)
        return code;
    if (!keep_place(wallet, &place, &ledger, &error))
        return wallet_fail_error(wallet, &error, NULL);
    wallet_say(wallet, "%s: this wallet now works with it", ledger.genesis.name);
    say_ledger(wallet, &ledger);
    if (place.id != NULL)
        wallet_say(wallet, "  the id is the one you named");
    else
        wallet_say(wallet,
                   "  compare the words with somebody who knows; the wallet notices if they "
                   "change");
    return WALLET_OK;
}

/* ---- org check ---------------------------------------------------------------------------- */

/* A ledger of our own in a throw-away directory, and what executing it counted. */
struct audit {
    const struct verified_ledger *verified;
    struct ledger *ledger;
    struct vm *vm;
    uint64_t transactions;
    unsigned signers_least;
};

static enum wallet_exit refuse_block(struct wallet *wallet, uint64_t height, const char *why)
{
    return verify_refuse(wallet, "block %" PRIu64 ": %s", height, why);
}

static enum wallet_exit check_finalization(struct wallet *wallet, struct audit *audit,
                                           uint64_t height, const hash256 *hash,
                                           const struct certificate *finalization)
{
    const struct signing_domain domain = ledger_signing_domain(audit->ledger);
    if (finalization->kind != MESSAGE_FINALIZE || !hash256_equal(&finalization->block_hash, hash))
        return refuse_block(wallet, height, "its certificate is for something else");
    enum finality_verdict verdict =
        certificate_check(finalization, &domain, ledger_epoch_record(audit->ledger));
    if (verdict != FINALITY_OK)
        return refuse_block(wallet, height, finality_verdict_text(verdict));
    if (audit->signers_least == 0 || finalization->signatures_count < audit->signers_least)
        audit->signers_least = finalization->signatures_count;
    return WALLET_OK;
}

/* A certificate that is not there is a later block's, which makes this one final with it. */
static enum wallet_exit make_final(struct wallet *wallet, struct audit *audit, uint64_t height,
                                   const hash256 *hash, const json_t *shown, struct arena *arena)
{
    struct error error;
    struct bytes encoded;
    struct certificate finalization;
    if (json_is_null(shown))
        return height - ledger_head(audit->ledger)->number < FINALITY_PROOF_HEADERS_MAX
                   ? WALLET_OK
                   : refuse_block(wallet, height, "no certificate makes it final");
    if (!verify_bytes_in(arena, shown, &encoded)
        || !certificate_decode(&finalization, encoded, arena))
        return refuse_block(wallet, height, "the node's answer is malformed");
    enum wallet_exit code = check_finalization(wallet, audit, height, hash, &finalization);
    if (code == WALLET_OK && !ledger_commit(audit->ledger, hash, &finalization, &error))
        return refuse_block(wallet, height, error.text);
    return code;
}

/* Executes the block on top of the one before and keeps it. */
static enum wallet_exit take_block(struct wallet *wallet, struct audit *audit, uint64_t height,
                                   const json_t *answer, struct arena *arena)
{
    struct error error;
    struct bytes container;
    enum block_verdict verdict;
    struct block block;
    hash256 hash;
    if (!verify_bytes_in(arena, json_object_get(answer, "container"), &container))
        return refuse_block(wallet, height, "the node's answer is malformed");
    if (!ledger_validate(audit->ledger, audit->vm, container, &verdict, &hash, &error))
        return wallet_fail_error(wallet, &error, NULL);
    if (verdict != BLOCK_OK)
        return refuse_block(wallet, height, block_verdict_text(verdict));
    enum wallet_exit code =
        make_final(wallet, audit, height, &hash, json_object_get(answer, "finalization"), arena);
    if (code != WALLET_OK)
        return code;
    if (block_container_decode(&block, audit->verified->genesis.fork, container, arena) == BLOCK_OK)
        audit->transactions += block.transactions_count;
    return WALLET_OK;
}

static enum wallet_exit take_blocks(struct wallet *wallet, struct audit *audit, uint64_t head)
{
    struct arena arena = {0};
    enum wallet_exit code = WALLET_OK;
    bool is_watched = isatty(STDERR_FILENO) && !wallet_is_json(wallet);
    for (uint64_t height = 1; height <= head && code == WALLET_OK; height++) {
        char quantity[24];
        json_t *answer;
        snprintf(quantity, sizeof quantity, "0x%" PRIx64, height);
        code = verify_ask(wallet, "org_getBlock", json_pack("[s]", quantity), &answer);
        if (code == WALLET_OK)
            code = take_block(wallet, audit, height, answer, &arena);
        json_decref(answer);
        arena_reset(&arena);
        if (is_watched && (height % PROGRESS_EVERY == 0 || height == head))
            fprintf(stderr, "\rblock %" PRIu64 " of %" PRIu64 "%s", height, head,
                    height == head ? "\n" : "");
    }
    arena_cleanup(&arena);
    if (code == WALLET_OK && ledger_head(audit->ledger)->number != head)
        code = refuse_block(wallet, head, "no certificate makes it final");
    return code;
}

/* Balances against the supply that execution counted, and the flat state against the trie. */
static enum wallet_exit check_store(struct wallet *wallet, struct audit *audit)
{
    struct error error;
    struct buffer report = {0};
    bool ok = ledger_check(audit->ledger, NULL, &report, &error);
    enum wallet_exit code = WALLET_OK;
    if (!ok)
        code = verify_refuse(wallet, "the state does not hold: %s: %.*s", error.text,
                             report.size < REPORT_MAX ? (int)report.size : REPORT_MAX,
                             report.size == 0 ? "" : (const char *)report.data);
    buffer_cleanup(&report);
    return code;
}

static const char *coins(struct wallet *wallet, const u256 *wei)
{
    char amount[AMOUNT_TEXT_SIZE];
    amount_format(amount, wei);
    return arena_format(&wallet->arena, "%s %s", amount, wallet->symbol);
}

static void say_supply(struct wallet *wallet, const struct audit *audit)
{
    const struct supply *supply = &ledger_head(audit->ledger)->supply;
    const struct genesis *genesis = &audit->verified->genesis;
    u256 outstanding = u256_add(&supply->issued, &supply->reissued);
    outstanding = u256_sub(&outstanding, &supply->burnt);
    outstanding = u256_sub(&outstanding, &supply->retired);
    outstanding = u256_sub(&outstanding, &supply->destroyed);
    wallet_say(wallet, "  issued        %s", coins(wallet, &supply->issued));
    for (size_t i = 0; i < genesis->coins_count; i++)
        wallet_say(wallet, "                %s in the charter, for \"%s\"",
                   coins(wallet, &genesis->coins[i].amount_wei), genesis->coins[i].reason);
    wallet_say(wallet, "  burnt         %s", coins(wallet, &supply->burnt));
    wallet_say(wallet, "  outstanding   %s, as all balances add up to",
               coins(wallet, &outstanding));
    wallet_put_text(wallet, "issued", coins(wallet, &supply->issued));
    wallet_put_text(wallet, "burnt", coins(wallet, &supply->burnt));
    wallet_put_text(wallet, "outstanding", coins(wallet, &outstanding));
}

static enum wallet_exit audit_all(struct wallet *wallet, struct audit *audit, uint64_t head)
{
    enum wallet_exit code = take_blocks(wallet, audit, head);
    if (code == WALLET_OK)
        code = check_store(wallet, audit);
    if (code != WALLET_OK)
        return code;
    wallet_say(wallet, "%s: everything holds, from block 0 to %" PRIu64,
               audit->verified->genesis.name, head);
    say_ledger(wallet, audit->verified);
    wallet_say(wallet,
               "  blocks        %" PRIu64 " with %" PRIu64
               " transaction%s, each executed again here",
               head, audit->transactions, audit->transactions == 1 ? "" : "s");
    if (head > 0)
        wallet_say(wallet, "  certificates  each by at least %u of %u", audit->signers_least,
                   ledger_epoch_record(audit->ledger)->committee_size);
    say_supply(wallet, audit);
    wallet_put(wallet, "blocks", json_integer((json_int_t)head));
    wallet_put(wallet, "transactions", json_integer((json_int_t)audit->transactions));
    return WALLET_OK;
}

/* Founds the ledger anew from the charter in `folder` and walks it. */
static enum wallet_exit audit_in(struct wallet *wallet, const char *folder,
                                 const struct verified_ledger *verified, uint64_t head)
{
    struct error error;
    struct ledger_options options = {.pool = pool_limits_default()};
    struct audit audit = {.verified = verified};
    const char *path = arena_format(&wallet->arena, "%s/ledger", folder);
    if (!ledger_found(path, verified->document, &error))
        return wallet_fail_error(wallet, &error, NULL);
    audit.ledger = ledger_open(path, &options, &error);
    if (audit.ledger == NULL)
        return wallet_fail_error(wallet, &error, NULL);
    audit.vm = vm_new();
    enum wallet_exit code = audit_all(wallet, &audit, head);
    vm_free(audit.vm);
    ledger_close(audit.ledger);
    return code;
}

/* A label, or an address with the id that must be there. */
static enum wallet_exit open_checked(struct wallet *wallet, const char *named,
                                     struct verified_ledger *verified)
{
    struct place place = {0};
    bool is_place = named != NULL && strstr(named, "://") != NULL;
    if (named != NULL && !is_place)
        wallet->options.values[OPTION_ORG] = named;
    enum wallet_exit code =
        is_place ? open_place(wallet, named, &place) : chain_open(wallet, CHAIN_ORG);
    if (code == WALLET_OK)
        code = verify_ledger(wallet, verified);
    if (code == WALLET_OK && place.id != NULL)
        code = compare_id(wallet, place.id, &verified->id);
    return code;
}

COMMAND(org_check)
{
    struct error error;
    struct verified_ledger verified;
    struct verified_block head;
    const char *temporary = getenv("TMPDIR");
    enum wallet_exit code = open_checked(wallet, count > 0 ? arguments[0] : NULL, &verified);
    if (code == WALLET_OK)
        code = verify_head(wallet, &verified, &head);
    if (code != WALLET_OK)
        return code;
    char *folder = arena_format(&wallet->arena, "%s/lwallet-check-XXXXXX",
                                temporary != NULL && *temporary == '/' ? temporary : "/tmp");
    if (mkdtemp(folder) == NULL) {
        (void)error_set_errno(&error, "no temporary directory %s", folder);
        return wallet_fail_error(wallet, &error, NULL);
    }
    code = audit_in(wallet, folder, &verified, head.header.number);
    if (!folder_remove(folder, &error))
        fprintf(stderr, "lwallet: %s is left behind: %s\n", folder, error.text);
    return code;
}
