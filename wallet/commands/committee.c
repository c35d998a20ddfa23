/* org committee list, add, remove, mode: who makes the ledger's blocks, decided by its founder
 * through the committee contract. */
#include "ledger/codec/abi_text.h"
#include "ledger/codec/address_text.h"
#include "ledger/org/committee.h"
#include "vm/base/hex.h"
#include "wallet/book.h"
#include "wallet/chain.h"
#include "wallet/commands/commands.h"
#include "wallet/quorum.h"
#include "wallet/send.h"
#include "wallet/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define ENTRY_TEXT                                                                           \
    "(address consensus,uint64 weight,address payout,bytes1 nodeKeyPrefix,bytes32 nodeKeyX," \
    "bytes32 revealSalt,bytes32 revealCommitment,string endpoint) entry"
#define WAITING_MAX 32 /* READYs that are shown */

/* Committee.sol and Entries.sol, as far as the wallet speaks to them. */
static const char *const INTERFACE[] = {
    "event Ready(address indexed consensus, address indexed operator, uint64 height, " ENTRY_TEXT
    ")",
    "event Changed(uint64 indexed epoch, uint8 mode, bytes32 committeeHash, address[] left, "
    "address[] joined)",
    "function readiness(address consensus) view returns ((address operator, uint64 "
    "height, " ENTRY_TEXT "))",
    "error NotTheFounder(address caller, address founder)",
    "error OneChangeABlock(uint256 number)",
    "error UnknownMode(uint8 mode, uint8 highest)",
    "error NothingChanges()",
    "error CommitteeSize(uint256 size, uint256 min, uint256 max)",
    "error SealTooLarge(uint256 max)",
    "error NotAMember(address consensus)",
    "error NotReady(address consensus)",
    "error ReadyTooOld(address consensus, uint64 height, uint256 oldest)",
    "error ReadyTooNew(uint64 height, uint256 newest)",
    "error Repeated(address consensus, address other, string field)",
};
#define INTERFACE_SIZE (sizeof INTERFACE / sizeof *INTERFACE)

/* A node that said READY and has not joined yet. */
struct waiting {
    address consensus;
    address sender; /* its operator's account */
    uint64_t height;
    const char *endpoint; /* safe for a terminal */
};

struct committee {
    struct abi interface;
    struct verified_ledger ledger;
    struct verified_block block;
    const struct epoch_record *record; /* of the epoch in force */
    struct waiting waiting[WAITING_MAX];
    size_t waiting_count;
};

/* ---- What there is --------------------------------------------------------------------------- */

static enum wallet_exit read_interface(struct wallet *wallet, struct abi *interface)
{
    struct error error;
    interface->entries = arena_array(&wallet->arena, INTERFACE_SIZE, sizeof *interface->entries);
    interface->entries_count = INTERFACE_SIZE;
    for (size_t i = 0; i < INTERFACE_SIZE; i++)
        if (!abi_entry_parse(&interface->entries[i], INTERFACE[i], &wallet->arena, &error))
            return wallet_fail_error(wallet, &error, NULL);
    return WALLET_OK;
}

/* The committee in force, verified. */
static enum wallet_exit read_committee(struct wallet *wallet, struct committee *committee)
{
    *committee = (struct committee){0};
    enum wallet_exit code = read_interface(wallet, &committee->interface);
    if (code == WALLET_OK)
        code = verify_ledger(wallet, &committee->ledger);
    if (code == WALLET_OK)
        code = verify_head(wallet, &committee->ledger, &committee->block);
    if (code == WALLET_OK)
        committee->record = &epochs_newest(committee->ledger.epochs)->record;
    return code;
}

static bool has_contract(const struct committee *committee)
{
    return committee->ledger.genesis.fork >= VM_FORK_PRAGUE;
}

static enum wallet_exit refuse_cancun(struct wallet *wallet)
{
    return wallet_fail(wallet, WALLET_REFUSED, NULL,
                       "this ledger's fork is cancun, where no committee can change; it stays as "
                       "founded");
}

static json_t *quantity_json(uint64_t value)
{
    char text[U256_HEX_SIZE];
    const u256 wide = u256_from_u64(value);
    u256_format_quantity(text, &wide);
    return json_string(text);
}

/* eth_call of readiness(consensus). */
static json_t *readiness_call(const struct abi_entry *readiness, const address *consensus)
{
    struct buffer data = {0};
    struct abi_value argument = {.word = U256_ZERO};
    uint8_t word[32] = {0};
    memcpy(word + 12, consensus->bytes, sizeof consensus->bytes);
    argument.word = u256_load_be(word, sizeof word);
    abi_encode_call(readiness, &argument, &data);
    json_t *call = json_pack("{s:o, s:o}", "to", chain_bytes(bytes_of(COMMITTEE_ADDRESS.bytes, 20)),
                             "data", chain_bytes(buffer_view(&data)));
    buffer_cleanup(&data);
    return json_pack("[o, s]", call, "latest");
}

/* Of (operator, height, entry). */
static void take_waiting(struct wallet *wallet, const address *consensus,
                         const struct abi_value *said, struct waiting *waiting)
{
    struct buffer endpoint = {0};
    uint8_t word[32];
    u256_store_be(word, &said[0].word);
    memcpy(waiting->sender.bytes, word + 12, sizeof waiting->sender.bytes);
    waiting->consensus = *consensus;
    waiting->height = said[1].word.limbs[0];
    text_format_safe(said[2].items[7].bytes, &endpoint);
    waiting->endpoint = arena_text(&wallet->arena, buffer_view(&endpoint));
    buffer_cleanup(&endpoint);
}

/* What the contract remembers of a node: nothing once it has joined. */
static enum wallet_exit add_waiting(struct wallet *wallet, struct committee *committee,
                                    const address *consensus)
{
    const struct abi_entry *readiness = &committee->interface.entries[2];
    struct error error;
    struct abi_value answer;
    struct bytes bytes;
    json_t *result;
    enum wallet_exit code =
        chain_call(wallet, "eth_call", readiness_call(readiness, consensus), &result);
    if (code != WALLET_OK)
        return code;
    const bool is_read = verify_bytes(wallet, result, &bytes)
                         && abi_decode(readiness->outputs, readiness->outputs_count, bytes, &answer,
                                       &wallet->arena, &error);
    json_decref(result);
    if (!is_read)
        return wallet_fail(wallet, WALLET_UNREACHABLE, NULL,
                           "the node's answer about who is READY is not one of the committee "
                           "contract");
    if (!u256_is_zero(&answer.items[0].word))
        take_waiting(wallet, consensus, answer.items,
                     &committee->waiting[committee->waiting_count++]);
    return WALLET_OK;
}

static bool is_listed(const struct committee *committee, const address *consensus)
{
    for (size_t i = 0; i < committee->waiting_count; i++)
        if (address_equal(&committee->waiting[i].consensus, consensus))
            return true;
    return false;
}

/* The consensus address is the first topic behind the event's. */
static bool consensus_of(const json_t *log, address *consensus)
{
    hash256 topic;
    const char *text = json_string_value(json_array_get(json_object_get(log, "topics"), 1));
    if (text == NULL || !hex_decode_fixed(topic.bytes, sizeof topic.bytes, text, strlen(text)))
        return false;
    memcpy(consensus->bytes, topic.bytes + 12, sizeof consensus->bytes);
    return true;
}

/* Who said READY within the blocks for which that holds, the newest first. */
static enum wallet_exit read_waiting(struct wallet *wallet, struct committee *committee)
{
    const uint64_t head = committee->block.header.number;
    const uint64_t first =
        head > COMMITTEE_READY_BLOCKS_MAX ? head - COMMITTEE_READY_BLOCKS_MAX : 0;
    char at[ADDRESS_TEXT_SIZE];
    json_t *logs;
    address_format(at, &COMMITTEE_ADDRESS);
    json_t *filter =
        json_pack("{s:s, s:o, s:o, s:[o]}", "address", at, "fromBlock", quantity_json(first),
                  "toBlock", quantity_json(head), "topics",
                  chain_bytes(bytes_of(committee->interface.entries[0].hash.bytes, 32)));
    enum wallet_exit code = chain_call(wallet, "eth_getLogs", json_pack("[o]", filter), &logs);
    if (code != WALLET_OK)
        return code;
    address consensus;
    for (size_t i = json_array_size(logs); i > 0 && code == WALLET_OK; i--)
        if (committee->waiting_count < WAITING_MAX
            && consensus_of(json_array_get(logs, i - 1), &consensus)
            && !is_listed(committee, &consensus))
            code = add_waiting(wallet, committee, &consensus);
    json_decref(logs);
    return code;
}

/* ---- Showing it ------------------------------------------------------------------------------ */

static json_t *address_json(const address *account)
{
    char text[ADDRESS_TEXT_SIZE];
    address_format(text, account);
    return json_string(text);
}

static const char *safe_text(struct wallet *wallet, const char *text)
{
    struct buffer safe = {0};
    text_format_safe(bytes_of_text(text), &safe);
    const char *copy = arena_text(&wallet->arena, buffer_view(&safe));
    buffer_cleanup(&safe);
    return copy;
}

/* The plain-words warnings, for people and for scripts. */
static void say_meaning(struct wallet *wallet, enum quorum_mode mode, unsigned members)
{
    const char *meaning = quorum_meaning(mode, members, &wallet->arena);
    const char *advice = quorum_advice(mode, members);
    wallet_say(wallet, "  %s", meaning);
    if (advice != NULL)
        wallet_say(wallet, "  %s", advice);
    wallet_put_text(wallet, "meaning", meaning);
}

static void say_member(struct wallet *wallet, const struct committee_entry *entry, json_t *list)
{
    wallet_say(wallet, "  %s  paid to %s%s%s", book_describe(wallet, &entry->consensus),
               book_describe(wallet, &entry->payout), entry->endpoint[0] != 0 ? "  at " : "",
               safe_text(wallet, entry->endpoint));
    json_array_append_new(list,
                          json_pack("{s:o, s:o, s:s}", "consensus", address_json(&entry->consensus),
                                    "payout", address_json(&entry->payout), "endpoint",
                                    safe_text(wallet, entry->endpoint)));
}

static void say_waiting(struct wallet *wallet, const struct waiting *waiting, json_t *list)
{
    char node[ADDRESS_TEXT_SIZE];
    address_format(node, &waiting->consensus);
    wallet_say(wallet, "  %s  of %s, had block %" PRIu64 "%s%s", node,
               book_describe(wallet, &waiting->sender), waiting->height,
               waiting->endpoint[0] != 0 ? "  at " : "", waiting->endpoint);
    json_array_append_new(list,
                          json_pack("{s:s, s:o, s:I, s:s}", "consensus", node, "operator",
                                    address_json(&waiting->sender), "height",
                                    (json_int_t)waiting->height, "endpoint", waiting->endpoint));
}

COMMAND(org_committee_list)
{
    struct committee committee;
    json_t *members = json_array(), *ready = json_array();
    (void)arguments;
    (void)count;
    enum wallet_exit code = read_committee(wallet, &committee);
    if (code == WALLET_OK && has_contract(&committee))
        code = read_waiting(wallet, &committee);
    if (code != WALLET_OK) {
        json_decref(members);
        json_decref(ready);
        return code;
    }
    const struct epoch_record *record = committee.record;
    wallet_say(wallet, "%u member%s, mode %s: %u of %u decide", record->committee_size,
               record->committee_size == 1 ? "" : "s", quorum_mode_name(record->mode),
               record->quorum, record->committee_size);
    say_meaning(wallet, record->mode, record->committee_size);
    wallet_say(wallet, "members");
    for (unsigned i = 0; i < record->committee_size; i++)
        say_member(wallet, &record->committee[i], members);
    if (committee.waiting_count > 0)
        wallet_say(wallet, "ready to join: lwallet org committee add NODE");
    for (size_t i = 0; i < committee.waiting_count; i++)
        say_waiting(wallet, &committee.waiting[i], ready);
    wallet_say(wallet, "changes: %s",
               has_contract(&committee) ? "decided by the founder" : "none; the fork is cancun");
    wallet_put(wallet, "epoch", json_integer((json_int_t)record->epoch));
    wallet_put_text(wallet, "mode", quorum_mode_name(record->mode));
    wallet_put(wallet, "quorum", json_integer(record->quorum));
    wallet_put(wallet, "members", members);
    wallet_put(wallet, "ready", ready);
    verify_say(wallet, &committee.block);
    return WALLET_OK;
}

/* ---- Changing it ------------------------------------------------------------------------------ */

struct change {
    const address *leaving, *joining; /* NULL: nobody */
    enum quorum_mode mode;
    unsigned members;    /* afterwards */
    const char *meaning; /* "add 0x... to the committee" */
    const char *done;
};

/* Nobody else's transaction would do anything. */
static enum wallet_exit check_founder(struct wallet *wallet, const struct committee *committee)
{
    struct error error;
    struct book_entry acting;
    const address *founder = &committee->ledger.genesis.founder;
    if (!has_contract(committee))
        return refuse_cancun(wallet);
    if (!book_acting_account(wallet, &acting, &error))
        return wallet_fail_error(wallet, &error, "lwallet account list");
    if (address_equal(&acting.account, founder))
        return WALLET_OK;
    return wallet_fail(wallet, WALLET_REFUSED, "the same with --account and the founder's",
                       "the founder alone changes this committee: %s, not %s; nothing was sent",
                       book_describe(wallet, founder), book_describe(wallet, &acting.account));
}

static bool read_mode(const char *text, enum quorum_mode *mode, struct error *error)
{
    return text == NULL || quorum_mode_parse(mode, text)
           || error_set(error, ERROR_INVALID, "\"%.40s\" is no mode; expected bft, crash or all",
                        text);
}

/* Said before a person decides; scripts say --yes. */
static enum wallet_exit confirm(struct wallet *wallet, const struct change *change)
{
    char line[16];
    const char *advice = quorum_advice(change->mode, change->members);
    if (options_has(&wallet->options, OPTION_YES) || options_has(&wallet->options, OPTION_DRY_RUN))
        return WALLET_OK;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO) || wallet_is_json(wallet))
        return wallet_fail(wallet, WALLET_USAGE, "the same with --yes",
                           "%s: %u members, mode %s, %s; nothing was sent", change->meaning,
                           change->members, quorum_mode_name(change->mode),
                           quorum_meaning(change->mode, change->members, &wallet->arena));
    fprintf(stderr, "%s\n  %u member%s, mode %s: %s\n", change->meaning, change->members,
            change->members == 1 ? "" : "s", quorum_mode_name(change->mode),
            quorum_meaning(change->mode, change->members, &wallet->arena));
    if (advice != NULL)
        fprintf(stderr, "  %s\n", advice);
    fprintf(stderr, "Is that what you want (yes/no): ");
    if (fgets(line, sizeof line, stdin) == NULL || strcmp(line, "yes\n") != 0)
        return wallet_fail(wallet, WALLET_REFUSED, NULL, "not confirmed; nothing was sent");
    return WALLET_OK;
}

static enum wallet_exit send_change(struct wallet *wallet, const struct committee *committee,
                                    const struct change *change)
{
    struct buffer data = {0};
    enum wallet_exit code = confirm(wallet, change);
    if (code != WALLET_OK)
        return code;
    committee_put_change(change->leaving, change->leaving != NULL, change->joining,
                         change->joining != NULL, change->mode, &data);
    const struct send_request request = {
        .to = COMMITTEE_ADDRESS,
        .data = arena_copy(&wallet->arena, buffer_view(&data)),
        .abi = &committee->interface,
        .done = change->done,
        .meaning = change->meaning,
    };
    buffer_cleanup(&data);
    code = send_transaction(wallet, &request);
    if (code != WALLET_OK)
        return code;
    wallet_put(wallet, "size", json_integer(change->members));
    wallet_put_text(wallet, "mode", quorum_mode_name(change->mode));
    wallet_put(wallet, "quorum", json_integer(quorum_size(change->mode, change->members)));
    const bool is_done = !options_has(&wallet->options, OPTION_DRY_RUN)
                         && !options_has(&wallet->options, OPTION_NO_WAIT);
    wallet_say(wallet,
               is_done ? "%u member%s from the next block on, mode %s"
                       : "then: %u member%s, mode %s",
               change->members, change->members == 1 ? "" : "s", quorum_mode_name(change->mode));
    say_meaning(wallet, change->mode, change->members);
    return WALLET_OK;
}

/* By the node's consensus address, or its operator's account or name. */
static const struct waiting *find_waiting(const struct committee *committee, const address *who)
{
    for (size_t i = 0; i < committee->waiting_count; i++)
        if (address_equal(&committee->waiting[i].consensus, who)
            || address_equal(&committee->waiting[i].sender, who))
            return &committee->waiting[i];
    return NULL;
}

static const struct committee_entry *find_member(const struct committee *committee,
                                                 const address *who)
{
    const struct epoch_record *record = committee->record;
    for (unsigned i = 0; i < record->committee_size; i++)
        if (address_equal(&record->committee[i].consensus, who)
            || address_equal(&record->committee[i].payout, who))
            return &record->committee[i];
    return NULL;
}

/* Common to all changes: what is in force, that we may, and the mode that is to be. */
static enum wallet_exit begin_change(struct wallet *wallet, struct committee *committee,
                                     const char *mode, struct change *change)
{
    struct error error;
    enum wallet_exit code = read_committee(wallet, committee);
    if (code == WALLET_OK)
        code = check_founder(wallet, committee);
    if (code != WALLET_OK)
        return code;
    *change = (struct change){.mode = committee->record->mode,
                              .members = committee->record->committee_size};
    if (!read_mode(mode, &change->mode, &error))
        return wallet_fail_error(wallet, &error, NULL);
    return WALLET_OK;
}

/* The same where somebody is named. */
static bool begin_change_of(struct wallet *wallet, const char *name, address *who,
                            struct committee *committee, struct change *change,
                            enum wallet_exit *code)
{
    struct error error;
    if (!book_resolve(wallet, name, who, &error)) {
        *code = wallet_fail_error(wallet, &error, "lwallet org committee list");
        return false;
    }
    *code = begin_change(wallet, committee, wallet->options.values[OPTION_MODE], change);
    return *code == WALLET_OK;
}

COMMAND(org_committee_add)
{
    struct committee committee;
    struct change change;
    address who;
    enum wallet_exit code;
    (void)count;
    if (!begin_change_of(wallet, arguments[0], &who, &committee, &change, &code))
        return code;
    code = read_waiting(wallet, &committee);
    if (code != WALLET_OK)
        return code;
    const struct waiting *waiting = find_waiting(&committee, &who);
    if (waiting == NULL)
        return wallet_fail(wallet, WALLET_NOT_FOUND, "lwallet org committee list",
                           "%s did not say READY in the last %d blocks, so its node may not have "
                           "the ledger; nothing was sent",
                           book_describe(wallet, &who), COMMITTEE_READY_BLOCKS_MAX);
    change.joining = &waiting->consensus;
    const bool is_again = find_member(&committee, &waiting->consensus) != NULL;
    change.members += !is_again;
    char node[ADDRESS_TEXT_SIZE];
    address_format(node, &waiting->consensus);
    change.meaning = arena_format(&wallet->arena,
                                  is_again ? "have %s go on in the committee with a new entry"
                                           : "add %s to the committee",
                                  node);
    change.done =
        arena_format(&wallet->arena, is_again ? "%s goes on with a new entry" : "added %s", node);
    return send_change(wallet, &committee, &change);
}

COMMAND(org_committee_remove)
{
    struct committee committee;
    struct change change;
    address who;
    enum wallet_exit code;
    (void)count;
    if (!begin_change_of(wallet, arguments[0], &who, &committee, &change, &code))
        return code;
    const struct committee_entry *member = find_member(&committee, &who);
    if (member == NULL)
        return wallet_fail(wallet, WALLET_NOT_FOUND, "lwallet org committee list",
                           "%s is not in the committee; nothing was sent",
                           book_describe(wallet, &who));
    if (change.members == 1)
        return wallet_fail(wallet, WALLET_REFUSED, "lwallet org committee add NODE",
                           "it is the only member: without it there would be no more blocks; "
                           "nothing was sent");
    change.leaving = &member->consensus;
    change.members--;
    char node[ADDRESS_TEXT_SIZE];
    address_format(node, &member->consensus);
    change.meaning = arena_format(&wallet->arena, "remove %s from the committee", node);
    change.done = arena_format(&wallet->arena, "removed %s", node);
    return send_change(wallet, &committee, &change);
}

COMMAND(org_committee_mode)
{
    struct committee committee;
    struct change change;
    (void)count;
    enum wallet_exit code = begin_change(wallet, &committee, arguments[0], &change);
    if (code != WALLET_OK)
        return code;
    const char *mode = quorum_mode_name(change.mode);
    if (change.mode == committee.record->mode)
        return wallet_fail(wallet, WALLET_REFUSED, "lwallet org committee list",
                           "the mode is %s already; nothing was sent", mode);
    change.meaning = arena_format(&wallet->arena, "have the committee decide in mode %s", mode);
    change.done = arena_format(&wallet->arena, "the mode is %s", mode);
    return send_change(wallet, &committee, &change);
}
