#include "tests/unit/node/village.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "ledger/org/committee.h"
#include "node/clock.h"
#include "node/log.h"
#include "tests/unit/node/temporary.h"

#define REVEALS       4096
#define BLOCK_SIZE    4194304
#define GAS_DATA_BYTE 14 /* at most: EIP-2028 and EIP-7623's floor, of a zero */

static struct secret_key key_of(uint8_t kind, unsigned number)
{
    struct secret_key key = {{0}};
    key.bytes[0] = kind;
    key.bytes[31] = (uint8_t)(number + 1);
    return key;
}

/* ---- Founding -------------------------------------------------------------------------------- */

/* One that is free now. */
static uint16_t find_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&at, size), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    close(fd);
    return ntohs(at.sin_port);
}

static void make_node(struct village *village, unsigned number)
{
    struct village_node *node = &village->nodes[number];
    struct committee_entry *entry = &village->committee[number];
    struct error error;
    node->village = village;
    node->port = find_port();
    cr_assert(path_format(node->dir.path, &error, "%s/%u", village->folder, number));
    node->dir.keys = (struct node_keys){key_of(2, number), key_of(3, number), key_of(4, number)};
    *entry = (struct committee_entry){
        .consensus = secret_key_address(&node->dir.keys.consensus),
        .payout = secret_key_address(&node->dir.keys.operator_account),
        .weight = 1,
        .reveal_salt = {{(uint8_t)number, 5}},
    };
    keys_node_public(&node->dir.keys, entry->node_key);
    snprintf(entry->endpoint, sizeof entry->endpoint, "127.0.0.1:%u", node->port);
    node->reveals = reveal_chain_new(&node->dir.keys.consensus, &entry->reveal_salt, REVEALS);
    entry->reveal_commitment = reveal_chain_commitment(node->reveals);
}

static void make_genesis(struct village *village, unsigned members, enum quorum_mode mode,
                         uint64_t pulse_ms)
{
    struct genesis *genesis = &village->genesis;
    for (unsigned i = 0; i < VILLAGE_ACCOUNTS; i++) {
        village->accounts[i] = key_of(5, i);
        village->coins[i] = (struct genesis_coin){
            .to = secret_key_address(&village->accounts[i]),
            .amount_wei = u256_from_u64(1000000000000000000),
            .reason = "to be moved",
        };
    }
    *genesis = genesis_defaults();
    snprintf(genesis->name, sizeof genesis->name, "Village");
    snprintf(genesis->symbol, sizeof genesis->symbol, "VLG");
    village->founder = key_of(6, 0);
    genesis->founder = secret_key_address(&village->founder);
    genesis->created = clock_wall_ms() / 1000 - 10;
    genesis->mode = mode;
    genesis->parameters.pulse_ms = pulse_ms;
    genesis->parameters.block_size_max = BLOCK_SIZE;
    genesis->committee = village->committee;
    genesis->committee_size = members;
    genesis->coins = village->coins;
    genesis->coins_count = VILLAGE_ACCOUNTS;
    genesis_format(genesis, &village->document);
}

static void write_file(const struct village_node *node, const char *name, struct bytes content)
{
    char path[PATH_SIZE];
    struct error error;
    cr_assert(path_format(path, &error, "%s/ledgers/village/%s", node->dir.path, name));
    cr_assert(file_write(path, content, &error), "%s", error.text);
}

static hash256 id_of_store(const char *store)
{
    struct error error;
    const struct ledger_options options = {.pool = pool_limits_default()};
    struct ledger *ledger = ledger_open(store, &options, &error);
    cr_assert_not_null(ledger, "%s", error.text);
    const hash256 id = *ledger_id(ledger);
    ledger_close(ledger);
    return id;
}

/* The folder of an organisation as founding writes it. */
static void write_folder(struct village *village, unsigned number)
{
    struct village_node *node = &village->nodes[number];
    char path[PATH_SIZE], id[67] = "0x";
    struct error error;
    struct buffer reveals = {0};
    cr_assert(dir_make(node->dir.path, &error), "%s", error.text);
    cr_assert(path_format(path, &error, "%s/ledgers", node->dir.path));
    cr_assert(dir_make(path, &error), "%s", error.text);
    cr_assert(path_format(path, &error, "%s/ledgers/village", node->dir.path));
    cr_assert(dir_make(path, &error), "%s", error.text);
    reveal_chain_encode(node->reveals, &reveals);
    write_file(node, "genesis.json", buffer_view(&village->document));
    write_file(node, "reveals", buffer_view(&reveals));
    buffer_cleanup(&reveals);
    cr_assert(path_format(path, &error, "%s/ledgers/village/store", node->dir.path));
    cr_assert(ledger_found(path, buffer_view(&village->document), &error), "%s", error.text);
    cr_assert(ledger_found_promises(path, &error), "%s", error.text);
    const hash256 hash = id_of_store(path);
    for (unsigned i = 0; i < sizeof hash.bytes; i++)
        snprintf(id + 2 + 2 * i, 3, "%02x", hash.bytes[i]);
    write_file(node, "id", bytes_of(id, 66));
}

/* ---- Life ------------------------------------------------------------------------------------ */

static void on_results(void *arg)
{
    struct village *village = arg;
    workers_collect(village->workers, 64);
}

static void on_look(void *arg)
{
    (void)arg; /* wakes the loop */
}

void village_start(struct village *village, enum quorum_mode mode, uint64_t pulse_ms)
{
    village_start_few(village, VILLAGE_NODES, mode, pulse_ms);
}

void village_start_few(struct village *village, unsigned members, enum quorum_mode mode,
                       uint64_t pulse_ms)
{
    struct error error;
    *village = (struct village){.folder = temporary_folder()};
    log_setup(getenv("VILLAGE_LOG") != NULL ? LOG_DEBUG : LOG_ERROR, false);
    village->loop = loop_new(&error);
    village->workers = workers_start(2, 1024, &error);
    village->watch =
        loop_watch_new(village->loop, workers_fd(village->workers), on_results, village);
    village->look = loop_timer_new(village->loop, on_look, village);
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        make_node(village, i);
    make_genesis(village, members, mode, pulse_ms);
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        write_folder(village, i);
}

void village_cleanup(struct village *village)
{
    for (unsigned i = 0; i < VILLAGE_NODES; i++) {
        if (village->nodes[i].seat != NULL)
            village_down(village, i);
        reveal_chain_free(village->nodes[i].reveals);
    }
    event_base_loop(loop_base(village->loop), EVLOOP_NONBLOCK); /* what libevent put off */
    workers_stop(village->workers);
    for (unsigned i = 0; i < village->past_count; i++)
        seat_free(village->past[i]);
    loop_watch_free(village->watch);
    loop_timer_free(village->look);
    loop_free(village->loop);
    buffer_cleanup(&village->document);
    temporary_remove(village->folder);
}

static void turn(struct village *village)
{
    loop_timer_set(village->look, 5);
    event_base_loop(loop_base(village->loop), EVLOOP_ONCE);
}

void village_run(struct village *village, unsigned ms)
{
    const uint64_t end = clock_boot_ms() + ms;
    while (clock_boot_ms() < end)
        turn(village);
}

bool village_all_is_final(struct village *at)
{
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        if (at->nodes[i].seat != NULL && village_mined(at, i) != at->transfers)
            return false;
    return true;
}

void village_wait(struct village *village, village_fn *is_reached, unsigned patience_ms)
{
    const uint64_t end = clock_boot_ms() + patience_ms;
    while (!is_reached(village)) {
        if (clock_boot_ms() >= end) {
            for (unsigned i = 0; i < VILLAGE_NODES; i++) {
                struct org_summary summary;
                struct seat_standing standing;
                if (village->nodes[i].seat == NULL)
                    continue;
                seat_summary(village->nodes[i].seat, &summary);
                seat_standing(village->nodes[i].seat, &standing);
                fprintf(stderr, "node %u: block %d, view %d, mined %d, %u up, %s%s\n", i,
                        (int)summary.height, (int)standing.view, (int)village_mined(village, i),
                        standing.members_up, summary.stopped, standing.waits);
            }
            cr_assert_fail("not reached in %u ms", patience_ms);
        }
        turn(village);
    }
}

static void on_head(void *context, struct rpc_ledger *face)
{
    struct village_node *node = context;
    struct ledger *ledger = seat_ledger(face->seat);
    atomic_store(&node->height, ledger_head(ledger)->number);
    atomic_store(&node->epoch, ledger_epoch_record(ledger)->epoch);
}

static bool link_node(void *context, struct seat_links *links, struct error *error)
{
    struct village_node *node = context;
    char path[PATH_SIZE];
    const struct switchboard_config config = {.loop = node->village->loop,
                                              .workers = node->village->workers,
                                              .node_key = &node->dir.keys.node,
                                              .network = 1,
                                              .bind = "127.0.0.1",
                                              .port = node->port};
    if (node->votes == NULL) {
        if (!path_format(path, error, "%s/votes", node->dir.path))
            return false;
        node->votes = vote_writer_start(path, node->village->workers, error);
    }
    if (node->votes != NULL && node->switchboard == NULL)
        node->switchboard = switchboard_open(&config, error);
    *links = (struct seat_links){node->switchboard, node->votes};
    return node->switchboard != NULL;
}

static void on_acquired(void *arg, struct rpc_ledger *ledger, const struct error *error)
{
    struct village_node *node = arg;
    cr_assert_not_null(ledger, "%s", error == NULL ? "" : error->text);
    node->ledger = ledger;
}

void village_up(struct village *village, unsigned number)
{
    struct village_node *node = &village->nodes[number];
    struct error error;
    const struct seat_environment environment = {.loop = village->loop,
                                                 .workers = village->workers,
                                                 .consensus = &node->dir.keys.consensus,
                                                 .on_head = on_head,
                                                 .context = node,
                                                 .link = link_node,
                                                 .link_context = node};
    struct organisation *org = organisation_load(&node->dir, "village", &error);
    cr_assert_not_null(org, "%s", error.text);
    node->seat = seat_new(&environment, org);
    seat_acquire(node->seat, on_acquired, node);
    while (node->ledger == NULL)
        turn(village);
}

static void on_closed(void *arg)
{
    bool *is_closed = arg;
    *is_closed = true;
}

void village_down(struct village *village, unsigned number)
{
    struct village_node *node = &village->nodes[number];
    bool is_closed = false;
    seat_release(node->seat);
    node->ledger = NULL;
    seat_close(node->seat, on_closed, &is_closed);
    while (!is_closed)
        turn(village);
    turn(village);
    switchboard_close(node->switchboard);
    vote_writer_stop(node->votes);
    cr_assert_lt(village->past_count, VILLAGE_LIVES);
    village->past[village->past_count++] = node->seat;
    node->switchboard = NULL;
    node->votes = NULL;
    node->seat = NULL;
}

void village_lose_log(struct village *village, unsigned number)
{
    char path[PATH_SIZE];
    struct error error;
    cr_assert(path_format(path, &error, "%s/votes", village->nodes[number].dir.path));
    cr_assert_eq(unlink(path), 0);
}

void village_block_log(struct village *village, unsigned number)
{
    char path[PATH_SIZE];
    struct error error;
    cr_assert(path_format(path, &error, "%s/votes", village->nodes[number].dir.path));
    cr_assert(dir_make(path, &error), "%s", error.text);
}

/* ---- Transactions ---------------------------------------------------------------------------- */

struct sending {
    struct village_node *node;
    struct transaction tx;
    struct arena arena;
};

static void send_job(struct vm *machine, void *arg)
{
    struct sending *sending = arg;
    struct ledger *ledger = seat_ledger(sending->node->seat);
    struct error detail = {ERROR_NONE, ""};
    (void)machine;
    const enum pool_verdict verdict = ledger_submit(ledger, &sending->tx, clock_wall_ms(), &detail);
    if (verdict != POOL_OK)
        fprintf(stderr, "not sent: %s\n", detail.text);
    seat_wake(sending->node->seat);
    arena_cleanup(&sending->arena);
    free(sending);
}

/* Takes the job. */
static void submit(struct sending *sending, unsigned number, const struct secret_key *key)
{
    struct village_node *node = sending->node + number;
    sending->node = node;
    sending->tx.type = TRANSACTION_DYNAMIC_FEE;
    sending->tx.has_chain_id = true;
    sending->tx.chain_id = seat_organisation(node->seat)->chain_id;
    transaction_sign(&sending->tx, key, &sending->arena);
    actor_submit_own(seat_actor(node->seat), send_job, NULL, sending);
}

static struct sending *sending_new(struct village *village)
{
    struct sending *sending = calloc(1, sizeof *sending);
    sending->node = village->nodes;
    return sending;
}

void village_send(struct village *village, unsigned number, unsigned count)
{
    village_send_large(village, number, count, 0);
}

void village_send_large(struct village *village, unsigned number, unsigned count, size_t data_size)
{
    for (unsigned i = 0; i < count; i++) {
        const uint64_t next = village->transfers++;
        struct sending *sending = sending_new(village);
        uint8_t *data = arena_array(&sending->arena, data_size, 1);
        memset(data, 0, data_size);
        sending->tx = (struct transaction){.nonce = next / VILLAGE_ACCOUNTS,
                                           .gas_limit = 21000 + GAS_DATA_BYTE * data_size,
                                           .data = bytes_of(data, data_size),
                                           .to = village->coins[(next + 1) % VILLAGE_ACCOUNTS].to,
                                           .value = u256_from_u64(next + 1)};
        submit(sending, number, &village->accounts[next % VILLAGE_ACCOUNTS]);
    }
}

/* To the committee's contract; takes the input. */
static void submit_call(struct village *village, unsigned number, uint64_t nonce,
                        struct buffer *input, const struct secret_key *key)
{
    struct sending *sending = sending_new(village);
    sending->tx = (struct transaction){.nonce = nonce,
                                       .gas_limit = 5000000,
                                       .to = COMMITTEE_ADDRESS,
                                       .data = arena_copy(&sending->arena, buffer_view(input))};
    buffer_cleanup(input);
    submit(sending, number, key);
}

void village_change(struct village *village, unsigned number, unsigned leaving,
                    enum quorum_mode mode)
{
    struct buffer input = {0};
    committee_put_change(leaving < VILLAGE_NODES ? &village->committee[leaving].consensus : NULL,
                         leaving < VILLAGE_NODES, NULL, 0, mode, &input);
    submit_call(village, number, village->changes++, &input, &village->founder);
}

void village_let_in(struct village *village, unsigned number, unsigned newcomer,
                    enum quorum_mode mode)
{
    struct buffer input = {0};
    committee_put_change(NULL, 0, &village->committee[newcomer].consensus, 1, mode, &input);
    submit_call(village, number, village->changes++, &input, &village->founder);
}

void village_say_ready(struct village *village, unsigned number, unsigned newcomer)
{
    const struct ledger *ledger = seat_ledger(village->nodes[number].seat);
    const struct node_keys *keys = &village->nodes[newcomer].dir.keys;
    const address operator_account = secret_key_address(&keys->operator_account);
    const struct signing_domain domain = ledger_signing_domain(ledger);
    const struct committee_ready ready = {.entry = village->committee[newcomer],
                                          .height = village->nodes[number].height,
                                          .protocol_lowest = 1,
                                          .protocol_highest = 1,
                                          .fork = VM_FORK_OSAKA};
    const hash256 digest = committee_ready_digest(&domain, &operator_account, &ready);
    struct buffer input = {0};
    signature signed_by;
    secret_key_sign(&keys->consensus, &digest, &signed_by);
    committee_put_ready(&ready, &signed_by, &input);
    submit_call(village, number, 0, &input, &keys->operator_account);
}

static uint64_t nonce_of(struct village *village, unsigned number, const address *who)
{
    struct arena arena = {0};
    struct error error;
    struct state_reader state;
    struct account account = {.nonce = 0};
    struct ledger_view *view = ledger_view_open(seat_ledger(village->nodes[number].seat), &error);
    cr_assert_not_null(view, "%s", error.text);
    cr_assert(view_state_at(view, view_head(view), &arena, &state, &error), "%s", error.text);
    const bool is_known = state.ops->account(state.context, who, &account);
    const uint64_t nonce = is_known ? account.nonce : 0;
    ledger_view_close(view);
    arena_cleanup(&arena);
    return nonce;
}

bool village_is_ready(struct village *village, unsigned number, unsigned newcomer)
{
    return nonce_of(village, number, &village->committee[newcomer].payout) > 0;
}

uint64_t village_mined(struct village *village, unsigned number)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < VILLAGE_ACCOUNTS; i++)
        count += nonce_of(village, number, &village->coins[i].to);
    return count;
}

/* ---- What must hold ---------------------------------------------------------------------------- */

static void check_proof(const struct ledger_view *view, uint64_t height, struct arena *arena)
{
    struct error error;
    struct finality_proof proof;
    struct signing_domain domain;
    const struct epoch_record *record;
    cr_assert(view_finality_proof(view, height, arena, &proof, &error), "%s", error.text);
    cr_assert(view_epoch(view, height, &record, &domain, &error), "%s", error.text);
    cr_expect_eq(finality_proof_check(&proof, &domain, record), FINALITY_OK, "block %d",
                 (int)height);
}

void village_check_chains(struct village *village)
{
    struct ledger_view *views[VILLAGE_NODES] = {NULL};
    struct ledger_view *first = NULL;
    struct arena arena = {0};
    struct error error;
    uint64_t lowest = UINT64_MAX;
    for (unsigned i = 0; i < VILLAGE_NODES; i++) {
        if (village->nodes[i].seat == NULL)
            continue;
        views[i] = ledger_view_open(seat_ledger(village->nodes[i].seat), &error);
        first = first == NULL ? views[i] : first;
        lowest = view_head(views[i]) < lowest ? view_head(views[i]) : lowest;
    }
    for (uint64_t height = 1; height <= lowest; height++) {
        struct header header;
        hash256 expected, hash;
        cr_assert(view_header(first, height, &header, &expected, &error), "%s", error.text);
        for (unsigned i = 0; i < VILLAGE_NODES; i++)
            if (views[i] != NULL) {
                cr_assert(view_header(views[i], height, &header, &hash, &error), "%s", error.text);
                cr_assert(hash256_equal(&hash, &expected), "fork at %d", (int)height);
                check_proof(views[i], height, &arena);
                arena_reset(&arena);
            }
    }
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        ledger_view_close(views[i]);
    arena_cleanup(&arena);
}
