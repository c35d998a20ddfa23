#include "node/process.h"

#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "ledger/store/store.h"
#include "node/clock.h"
#include "node/control.h"
#include "node/host.h"
#include "node/joining.h"
#include "node/reach/address.h"
#include "node/reach/port_map.h"
#include "node/switchboard.h"
#include "node/vote_writer.h"
#include "rpc/server.h"

#define WORK_QUEUE_MAX     8192 /* jobs of RPC that wait for any worker */
#define ADMINISTRATION_MAX 64
#define RESULTS_PER_TURN   256
#define STOP_PATIENCE_MS   1700 /* then what still runs is left behind; stores are whole */
#define ARENAS_MAX         2    /* of malloc: each costs memory when idle */
#define FILES_OF_LEDGER    80   /* descriptors that an open ledger may come to need */
#define FILES_OF_NODE      128
#define CONNECTIONS_LEAST  8

struct process {
    const struct process_options *options;
    struct data_dir dir;
    struct loop *loop;
    struct workers *workers;
    struct store_shared *shared;
    struct shelf *shelf;
    struct host host;
    struct founding_desk *desk;
    struct rpc_server *server;
    struct control *control;
    struct vote_writer *votes;       /* NULL until other nodes have one of the ledgers */
    struct switchboard *switchboard; /* the same */
    struct port_map *port_map;       /* the same, and only if others than this machine come in */
    struct loop_watch *results;
    struct loop_watch *term;
    struct loop_watch *interrupt;
    struct loop_timer *patience;
    size_t connections_max;
    bool is_stopping;
    bool was_cut_short;
};

/* ---- Stopping ---------------------------------------------------------------------------------- */

static void on_ledgers_closed(void *arg)
{
    struct process *process = arg;
    loop_stop(process->loop);
}

static void on_server_stopped(void *arg)
{
    struct process *process = arg;
    shelf_stop(process->shelf, on_ledgers_closed, process);
}

static void on_patience_over(void *arg)
{
    struct process *process = arg;
    log_write(LOG_WARN, "process: left work behind patience_ms=%d", STOP_PATIENCE_MS);
    process->was_cut_short = true;
    loop_stop(process->loop);
}

static void on_stop_signal(void *arg)
{
    struct process *process = arg;

    if (process->is_stopping)
        return;
    process->is_stopping = true;
    log_write(LOG_INFO, "process: stopping");
    loop_timer_set(process->patience, STOP_PATIENCE_MS);
    control_stop(process->control);
    rpc_server_stop(process->server, on_server_stopped, process);
}

/* ---- Starting ---------------------------------------------------------------------------------- */

static void on_results(void *arg)
{
    struct process *process = arg;
    workers_collect(process->workers, RESULTS_PER_TURN);
}

static rlim_t descriptors_kept(const struct config *config)
{
    return FILES_OF_NODE + FILES_OF_LEDGER * (rlim_t)config->ledgers_open;
}

uint64_t process_descriptors(const struct config *config)
{
    return descriptors_kept(config) + (rlim_t)config->rpc_connections;
}

/* Connections may not use up the descriptors that ledgers need: a store that cannot open a file
 * stands still. So the system is asked for enough, and what it denies is taken from the
 * connections. */
static void share_descriptors(struct process *process)
{
    const struct config *config = process->options->config;
    rlim_t kept = descriptors_kept(config);
    rlim_t wanted = process_descriptors(config);
    struct rlimit limit;

    process->connections_max = (size_t)config->rpc_connections;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= wanted)
        return;
    getrlimit(RLIMIT_NOFILE, &limit);
    /* Half at the least are kept for the ledgers, which open fewer files when there are fewer. */
    if (kept > limit.rlim_cur / 2)
        kept = limit.rlim_cur / 2;
    process->connections_max = (size_t)(limit.rlim_cur - kept);
    if (process->connections_max > config->rpc_connections)
        process->connections_max = (size_t)config->rpc_connections;
    if (process->connections_max < CONNECTIONS_LEAST)
        process->connections_max = CONNECTIONS_LEAST;
    log_write(LOG_WARN,
              "process: few descriptors allowed=%" PRIu64 " wanted=%" PRIu64 " connections_max=%zu",
              (uint64_t)limit.rlim_cur, (uint64_t)wanted, process->connections_max);
}

static struct rpc_settings rpc_settings_of(const struct process *process)
{
    const struct config *config = process->options->config;
    struct rpc_settings settings = {
        .bind = config->rpc_bind,
        .port = (uint16_t)config->rpc_port,
        .socket_path = config->rpc_socket[0] != '\0' ? config->rpc_socket : NULL,
        .is_group_allowed = config->rpc_socket_for_group,
        .hosts_allowed = config->rpc_hosts.items,
        .hosts_allowed_count = config->rpc_hosts.count,
        .origins_allowed = config->rpc_origins.items,
        .origins_allowed_count = config->rpc_origins.count,
        .admin_token = process->dir.admin_token,
        .limits = rpc_limits_default(),
    };
    settings.limits.connections_max = process->connections_max;
    settings.limits.connections_per_address_max = config->rpc_connections_per_address != 0
                                                      ? (size_t)config->rpc_connections_per_address
                                                      : SIZE_MAX;
    settings.limits.calls_per_second_max = config->rpc_calls_per_second;
    settings.limits.body_size_max = (size_t)config->rpc_body_size;
    settings.limits.batch_max = (size_t)config->rpc_batch;
    settings.limits.response_size_max = (size_t)config->rpc_answer_size;
    settings.limits.gzip_size_min = (size_t)config->rpc_gzip;
    settings.limits.transfer_timeout_ms = config->rpc_transfer_timeout_s * 1000;
    if (config->rpc_gas_cap != 0)
        settings.limits.call_gas_max = config->rpc_gas_cap;
    if (config->rpc_call_timeout_s != 0)
        settings.limits.call_timeout_ms = config->rpc_call_timeout_s * 1000;
    return settings;
}

static void on_router(void *arg, const struct mapping *mapping)
{
    char words[256];
    (void)arg;
    mapping_describe(mapping, words, sizeof words);
    log_write(LOG_INFO, "process: asked the router for the peer port, answer: %s", words);
}

/* Who lets in nobody but this machine needs no router. Without one members can still be dialled. */
static void ask_router(struct process *process)
{
    const struct config *config = process->options->config;
    const struct port_map_config wish = {.loop = process->loop,
                                         .port = switchboard_port(process->switchboard),
                                         .on_change = on_router,
                                         .arg = process};
    uint8_t bind[4];
    struct error error;

    if (config->peer_leaves_router || inet_pton(AF_INET, config->peer_bind, bind) != 1
        || address_kind_ipv4(bind) == ADDRESS_LOOPBACK)
        return;
    process->port_map = port_map_start(&wish, &error);
    if (process->port_map == NULL)
        log_write(LOG_WARN, "process: %s", error.text);
}

/* Once a ledger is shared: an organisation that this node alone has neither keeps a vote log nor
 * listens. */
static bool link_members(void *context, struct seat_links *links, struct error *error)
{
    struct process *process = context;
    const struct config *config = process->options->config;
    const struct switchboard_config switchboard = {.loop = process->loop,
                                                   .workers = process->workers,
                                                   .node_key = &process->dir.keys.node,
                                                   .network = (uint32_t)config->peer_network,
                                                   .bind = config->peer_bind,
                                                   .port = (uint16_t)config->peer_port};
    char votes[PATH_SIZE];
    if (process->votes == NULL) {
        if (!path_format(votes, error, "%s/votes", process->dir.path))
            return false;
        process->votes = vote_writer_start(votes, process->workers, error);
        if (process->votes == NULL)
            return false;
    }
    if (process->switchboard == NULL) {
        process->switchboard = switchboard_open(&switchboard, error);
        if (process->switchboard == NULL)
            return error_prefix(error, "other members cannot come in (--peer-bind, --peer-port)");
        log_write(LOG_INFO, "process: listens for members bind=%s port=%u", config->peer_bind,
                  switchboard_port(process->switchboard));
        ask_router(process);
    }
    *links = (struct seat_links){process->switchboard, process->votes};
    return true;
}

static bool start_ledgers(struct process *process, struct error *error)
{
    const struct process_options *options = process->options;
    struct seat_environment environment = {
        .loop = process->loop,
        .workers = process->workers,
        .consensus = &process->dir.keys.consensus,
        .shared = process->shared,
        .on_head = host_on_head,
        .context = &process->host,
        .link = link_members,
        .link_context = process,
    };
    process->shelf =
        shelf_new(&process->dir, &environment, (size_t)options->config->ledgers_open, error);
    return process->shelf != NULL;
}

/* With the doors open already: what cannot be served is not founded. Nobody is let in before the
 * loop runs. */
static bool found_wanted(struct process *process, struct error *error)
{
    const struct process_options *options = process->options;
    const uint64_t now_s = clock_wall_ms() / 1000;
    return (options->dev == NULL || dev_prepare(process->shelf, options->dev, now_s, error))
           && (options->first_org == NULL
               || first_org_prepare(process->shelf, options->first_org, now_s, error));
}

static bool start_doors(struct process *process, struct error *error)
{
    process->desk = founding_desk_new(&process->dir, process->shelf, process->options->config, 0);
    process->host = (struct host){
        .data_dir = process->dir.path,
        .loop_thread = pthread_self(),
        .shelf = process->shelf,
        .workers = process->workers,
        .administration = actor_new(process->workers, ADMINISTRATION_MAX),
        .desk = process->desk,
        .node_key = &process->dir.keys.node,
        .network = (uint32_t)process->options->config->peer_network,
        .started_ms = clock_boot_ms(),
    };
    const struct joining_environment joining = {.loop = process->loop,
                                                .shelf = process->shelf,
                                                .administration = process->host.administration,
                                                .network = process->host.network,
                                                .link = link_members,
                                                .context = process};
    process->host.joining = joining_new(&joining);
    struct rpc_host host = host_for_rpc(&process->host);
    struct rpc_settings settings = rpc_settings_of(process);
    process->server = rpc_server_start(loop_base(process->loop), &host, &settings, error);
    if (process->server == NULL)
        return false;
    process->control = control_start(process->loop, &process->host, process->dir.path,
                                     settings.bind, rpc_server_port(process->server), error);
    return process->control != NULL;
}

static bool start(struct process *process, struct error *error)
{
    const struct config *config = process->options->config;

    if (!data_dir_open(&process->dir, config->data_dir, DATA_DIR_RUN, error))
        return false;
    share_descriptors(process);
    process->loop = loop_new(error);
    if (process->loop == NULL)
        return false;
    process->workers = workers_start((unsigned)config->workers, WORK_QUEUE_MAX, error);
    if (process->workers == NULL)
        return false;
    process->shared = store_shared_new(STORE_CACHE_SIZE);
    process->results =
        loop_watch_new(process->loop, workers_fd(process->workers), on_results, process);
    process->patience = loop_timer_new(process->loop, on_patience_over, process);
    process->term = loop_signal_new(process->loop, SIGTERM, on_stop_signal, process);
    process->interrupt = loop_signal_new(process->loop, SIGINT, on_stop_signal, process);
    return start_ledgers(process, error) && start_doors(process, error)
           && found_wanted(process, error);
}

/* Workers first: nothing may run any more when what the jobs use is freed. */
static void clean_up(struct process *process)
{
    vote_writer_stop(process->votes); /* it posts to their results */
    workers_stop(process->workers);
    control_free(process->control);
    rpc_server_free(process->server);
    founding_desk_free(process->desk);
    shelf_free(process->shelf);
    joining_free(process->host.joining);
    port_map_stop(process->port_map);
    switchboard_close(process->switchboard);
    actor_free(process->host.administration);
    store_shared_free(process->shared);
    loop_watch_free(process->results);
    loop_watch_free(process->term);
    loop_watch_free(process->interrupt);
    loop_timer_free(process->patience);
    loop_free(process->loop);
    data_dir_close(&process->dir);
}

static void print_ready(void *arg)
{
    struct process *process = arg;
    const struct config *config = process->options->config;
    struct arena arena = {0};
    size_t count;
    struct org_summary *orgs = shelf_summaries(process->shelf, &arena, &count);
    bool is_ipv6 = strchr(config->rpc_bind, ':') != NULL;

    printf("ready http://%s%s%s:%u", is_ipv6 ? "[" : "", config->rpc_bind, is_ipv6 ? "]" : "",
           rpc_server_port(process->server));
    if (count > 0)
        printf(" chain-id %" PRIu64 " org %s", orgs[0].chain_id, orgs[0].label);
    printf(" data-dir %s\n", process->dir.path);
    fflush(stdout);
    arena_cleanup(&arena);
    log_write(LOG_INFO, "process: started version=%s port=%u orgs=%zu", LEITHER_VERSION,
              rpc_server_port(process->server), count);
}

/* A throw-away ledger has no keys worth hiding, and its harness may want to look inside. */
static void harden(bool is_throw_away)
{
    if (!is_throw_away)
        prctl(PR_SET_DUMPABLE, 0); /* no core dump, no debugger: keys are in memory */
    mallopt(M_ARENA_MAX, ARENAS_MAX);
}

bool process_run(const struct process_options *options, struct error *error)
{
    struct process *process = memory_new_zeroed(1, sizeof *process);

    harden(options->dev != NULL);
    log_setup(options->config->log_level, options->config->log_json);
    process->options = options;
    process->dir.lock_fd = -1;
    bool ok = start(process, error);
    if (ok) {
        shelf_start(process->shelf, print_ready, process);
        loop_run(process->loop);
        log_write(LOG_INFO, "process: stopped");
        if (process->was_cut_short)
            _exit(0); /* a worker is still in a long job; the stores are whole at any moment */
    }
    clean_up(process);
    free(process);
    return ok;
}
