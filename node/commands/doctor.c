/* Looks at everything around the node that may be wrong, without the internet, and says each thing
 * in plain words with the next command. It changes nothing; of a running node it asks the status,
 * of a stopped one it holds the lock while it opens the stores. */
#include "node/commands/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/clock.h"
#include "node/control.h"
#include "node/doctor/folder.h"
#include "node/doctor/judge.h"
#include "node/doctor/ledgers.h"
#include "node/doctor/measure.h"
#include "node/process.h"
#include "node/reach/natpmp.h"
#include "rpc/client.h"

#define RPC_PATIENCE_MS 3000

static const char *const doctor_flags[] = {"json", NULL};

struct doctor {
    const struct config *config;
    struct report report;
    char where[QUOTE_SIZE + 16]; /* " --data-dir FOLDER" as commands need it; "" for the default */
    json_t *status;              /* of the running node; NULL: none answers */
    bool is_held;                /* some process works in the folder */
};

/* ---- The node and its doors ---------------------------------------------------------------- */

static bool answers(const char *url)
{
    struct rpc_failure failure = {0};
    struct error error;
    struct rpc_client *client = rpc_client_new(url, NULL, RPC_PATIENCE_MS, &error);
    json_t *answer =
        client == NULL ? NULL : rpc_client_call(client, "web3_clientVersion", NULL, &failure);
    bool ok = answer != NULL;

    buffer_cleanup(&failure.data);
    json_decref(answer);
    rpc_client_free(client);
    return ok;
}

/* What starts (or restarts) the node on this machine. */
static const char *service_command(const char *verb, char out[128])
{
    const char *home = getenv("HOME");
    char unit[PATH_SIZE];
    struct error ignored;

    out[0] = '\0';
    if (access("/run/systemd/system", F_OK) != 0)
        return out;
    if (file_exists("/etc/systemd/system/lnode.service")
        || file_exists("/lib/systemd/system/lnode.service"))
        snprintf(out, 128, "sudo systemctl %s lnode", verb);
    else if (home != NULL
             && path_format(unit, &ignored, "%s/.config/systemd/user/lnode.service", home)
             && file_exists(unit))
        snprintf(out, 128, "systemctl --user %s lnode", verb);
    return out;
}

static void examine_port(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    const unsigned port = (unsigned)config->rpc_port;
    bool is_ipv6 = strchr(config->rpc_bind, ':') != NULL;
    char url[128];
    struct finding *finding;

    snprintf(url, sizeof url, "http://%s%s%s:%u", is_ipv6 ? "[" : "", config->rpc_bind,
             is_ipv6 ? "]" : "", port);
    switch (port == 0 ? PORT_FREE : measure_port(config->rpc_bind, (uint16_t)port)) {
    case PORT_FREE:
        report_add(&doctor->report, FINDING_GOOD, "ports", "port %u of %s is free for JSON-RPC",
                   port, config->rpc_bind);
        return;
    case PORT_TAKEN:
        finding = report_add(&doctor->report, FINDING_TODO, "ports",
                             "port %u of %s, where JSON-RPC shall listen, is taken by %s; end it, "
                             "or choose another port with --rpc-port",
                             port, config->rpc_bind,
                             answers(url) ? "another Ethereum node, or an lnode of another folder"
                                          : "another program");
        report_next(finding, "ss -ltnp 'sport = :%u'", port);
        return;
    case PORT_DENIED:
        finding =
            report_add(&doctor->report, FINDING_TODO, "ports",
                       "this user may not listen on port %u: below 1024 only root may; choose "
                       "another with --rpc-port",
                       port);
        report_next(finding, "lnode run --rpc-port 8545");
        return;
    case PORT_NO_ADDRESS:
        finding = report_add(&doctor->report, FINDING_TODO, "ports",
                             "%s, where JSON-RPC shall listen, is no address of this machine",
                             config->rpc_bind);
        report_next(finding, "lnode run --rpc-bind 127.0.0.1");
        return;
    case PORT_UNKNOWN: return;
    }
}

static void examine_running(struct doctor *doctor)
{
    const char *url = json_string_value(json_object_get(doctor->status, "rpc"));
    char command[128];

    report_add(&doctor->report, FINDING_GOOD, "node",
               "lnode %.40s runs as process %" JSON_INTEGER_FORMAT,
               json_string_value(json_object_get(doctor->status, "version")),
               json_integer_value(json_object_get(doctor->status, "pid")));
    if (url != NULL && answers(url)) {
        report_add(&doctor->report, FINDING_GOOD, "ports", "JSON-RPC answers at %.200s", url);
        return;
    }
    struct finding *finding = report_add(&doctor->report, FINDING_TODO, "ports",
                                         "JSON-RPC at %.200s does not answer, though the node runs",
                                         url == NULL ? "?" : url);
    service_command("restart", command);
    report_next(finding, "%s",
                command[0] == '\0' ? "look at lnode's log, end lnode, then: lnode run" : command);
}

static void examine_node(struct doctor *doctor)
{
    struct finding *finding;
    char command[128];

    if (doctor->status != NULL) {
        examine_running(doctor);
        return;
    }
    if (doctor->is_held) {
        finding = report_add(&doctor->report, FINDING_TODO, "node",
                             "a program works in the data folder but does not answer: it starts, "
                             "stops, hangs, or is another command of lnode");
        service_command("status", command);
        report_next(finding, "%s", command[0] == '\0' ? "pgrep -a lnode" : command);
        return;
    }
    finding = report_add(&doctor->report, FINDING_TODO, "node", "lnode does not run");
    service_command("start", command);
    if (command[0] == '\0')
        report_next(finding, "lnode run%s", doctor->where);
    else
        report_next(finding, "%s", command);
    examine_port(doctor);
}

/* ---- Ledgers ------------------------------------------------------------------------------- */

static void examine_stores(struct doctor *doctor)
{
    struct data_dir *dir = memory_new(sizeof *dir);
    struct error error;

    if (data_dir_open(dir, doctor->config->data_dir, DATA_DIR_WORK, &error)) {
        ledgers_examine_stores(&doctor->report, dir, doctor->where, clock_wall_ms());
        data_dir_close(dir);
    } else if (error.code != ERROR_BUSY) {
        report_add(&doctor->report, FINDING_TODO, "ledgers", "%s", error.text);
    }
    free(dir);
}

static void examine_ledgers(struct doctor *doctor, bool is_folder_well)
{
    if (doctor->status != NULL)
        ledgers_examine_status(&doctor->report, doctor->status, doctor->where, clock_wall_ms());
    else if (is_folder_well && !doctor->is_held)
        examine_stores(doctor);
    else
        report_add(&doctor->report, FINDING_NOTE, "ledgers",
                   "the ledgers were not looked at; first do what is said of folder, secrets and "
                   "node");
}

/* ---- The machine --------------------------------------------------------------------------- */

static void examine_disk(struct doctor *doctor)
{
    const char *folder = doctor->config->data_dir;
    struct disk_room room;
    struct disk_sync sync;
    struct error error;
    char quoted[QUOTE_SIZE];

    if (!file_exists(folder))
        return;
    bool has_room = measure_disk_room(&room, folder, &error);
    if (has_room)
        judge_disk_room(&doctor->report, folder, &room);
    if (has_room && measure_disk_sync(&sync, folder, &error)) {
        judge_disk_sync(&doctor->report, &sync);
        return;
    }
    struct finding *finding = report_add(&doctor->report, FINDING_TODO, "disk", "%s", error.text);
    report_next(finding, "df -h %s", report_quote(quoted, folder));
}

/* Who has a public address needs no router's help. */
static void examine_network(struct doctor *doctor)
{
    struct network_facts network;
    struct router_facts router;
    uint8_t gateway[4];

    measure_network(&network);
    judge_network(&doctor->report, &network);
    if (network.count[ADDRESS_PUBLIC] == 0 && network.count[ADDRESS_PRIVATE] > 0
        && measure_gateway(gateway)) {
        measure_router(&router, gateway, NATPMP_PORT);
        judge_router(&doctor->report, &router);
    }
}

static void examine_machine(struct doctor *doctor)
{
    int pid = (int)json_integer_value(json_object_get(doctor->status, "pid"));

    examine_disk(doctor);
    judge_clock(&doctor->report, clock_wall_ms(), measure_clock_care());
    judge_descriptors(&doctor->report, measure_descriptors(pid),
                      process_descriptors(doctor->config));
    judge_memory(&doctor->report, measure_memory_available(), measure_memory_limit(),
                 pid == 0 ? 0 : measure_resident(pid));
    examine_network(doctor);
}

/* ---- All of it ----------------------------------------------------------------------------- */

static json_t *ask_status(const char *data_dir)
{
    struct buffer answer = {0};
    struct error error;
    json_t *status = NULL;

    if (control_ask(data_dir, "status", &answer, &error))
        status = json_loadb((const char *)answer.data, answer.size, 0, NULL);
    buffer_cleanup(&answer);
    return status;
}

static void set_where(struct doctor *doctor)
{
    char standard[PATH_SIZE], quoted[QUOTE_SIZE];
    struct error ignored;

    if (!data_dir_default(standard, &ignored) || strcmp(standard, doctor->config->data_dir) != 0)
        snprintf(doctor->where, sizeof doctor->where, " --data-dir %s",
                 report_quote(quoted, doctor->config->data_dir));
}

static void examine(struct doctor *doctor)
{
    set_where(doctor);
    bool is_folder_well = folder_examine(&doctor->report, doctor->config->data_dir);
    doctor->status = ask_status(doctor->config->data_dir);
    doctor->is_held = data_dir_is_held(doctor->config->data_dir);
    examine_node(doctor);
    examine_ledgers(doctor, is_folder_well);
    examine_machine(doctor);
}

static enum exit_code examine_and_tell(const struct config *config, bool as_json)
{
    struct doctor *doctor = memory_new_zeroed(1, sizeof *doctor);
    struct buffer text = {0};

    doctor->config = config;
    examine(doctor);
    if (as_json)
        report_format_json(&doctor->report, &text);
    else
        report_format(&doctor->report, &text);
    fwrite(text.data, 1, text.size, stdout);
    enum exit_code code =
        report_count(&doctor->report, FINDING_TODO) == 0 ? EXIT_OK : EXIT_DEGRADED;
    buffer_cleanup(&text);
    report_cleanup(&doctor->report);
    json_decref(doctor->status);
    free(doctor);
    return code;
}

enum exit_code command_doctor(const struct arguments *arguments)
{
    struct config *config = memory_new(sizeof *config);
    struct error error;
    enum exit_code code;

    if (!arguments_allow(arguments, doctor_flags, 0, &error)
        || !arguments_config(arguments, config, &error))
        code = fail_with(&error, EXIT_USAGE);
    else if (!folder_become_owner(config->data_dir, &error))
        code = fail_with(&error, EXIT_DEGRADED);
    else
        code = examine_and_tell(config, arguments_flag(arguments, "json") != NULL);
    free(config);
    return code;
}
