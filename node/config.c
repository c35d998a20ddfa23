#include "node/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <arpa/inet.h>

#include <jansson.h>

#include "ledger/codec/address_text.h"
#include "node/data_dir.h"
#include "node/net/endpoint.h"

#define CONFIG_FILE_SIZE_MAX (256 * 1024)
#define ORIGIN_SIZE          (PATH_SIZE + 64)

enum setting_type {
    SETTING_PATH,
    SETTING_ADDRESS,
    SETTING_NUMBER,
    SETTING_LIST,
    SETTING_LEVEL,
    SETTING_FORMAT,
    SETTING_ACCESS,
    SETTING_ROUTER,
    SETTING_ENDPOINT,
    SETTING_POLICY,
    SETTING_ACCOUNTS
};

/* One row a setting. `flag` gives the other names: rpc-port is rpc.port in the file and
 * LEITHER_RPC_PORT in the environment; the first "-" separates the section, if there is one. */
struct setting {
    const char *flag;
    const char *section; /* of the file; NULL: top level */
    const char *key;     /* in the section */
    const char *variable;
    enum setting_type type;
    size_t offset; /* in struct config */
    uint64_t min, max;
    const char *standard; /* NULL: found by code */
    const char *help;
};

#define AT(field) offsetof(struct config, field)
static const struct setting settings[] = {
    {"data-dir", NULL, "data_dir", "LEITHER_DATA_DIR", SETTING_PATH, AT(data_dir), 0, 0, NULL,
     "DIR     folder of ledgers and keys"},
    {"rpc-bind", "rpc", "bind", "LEITHER_RPC_BIND", SETTING_ADDRESS, AT(rpc_bind), 0, 0,
     "127.0.0.1", "ADDRESS where JSON-RPC listens; loopback only"},
    {"rpc-port", "rpc", "port", "LEITHER_RPC_PORT", SETTING_NUMBER, AT(rpc_port), 0, 65535, "8545",
     "PORT    0 takes any free one"},
    {"rpc-hosts", "rpc", "hosts", "LEITHER_RPC_HOSTS", SETTING_LIST, AT(rpc_hosts), 0, 0, "",
     "A,B     further names accepted in the Host header"},
    {"rpc-origins", "rpc", "origins", "LEITHER_RPC_ORIGINS", SETTING_LIST, AT(rpc_origins), 0, 0,
     "", "A,B     web origins whose pages may call"},
    {"rpc-socket", "rpc", "socket", "LEITHER_RPC_SOCKET", SETTING_PATH, AT(rpc_socket), 0, 0, "",
     "PATH    a Unix socket beside the port; none unless given"},
    {"rpc-socket-access", "rpc", "socket_access", "LEITHER_RPC_SOCKET_ACCESS", SETTING_ACCESS,
     AT(rpc_socket_for_group), 0, 0, "owner", "WHO     may use it: owner (0600) or group (0660)"},
    {"rpc-connections", "rpc", "connections", "LEITHER_RPC_CONNECTIONS", SETTING_NUMBER,
     AT(rpc_connections), 8, 65536, "2048", "N       connections at once"},
    {"rpc-connections-per-address", "rpc", "connections_per_address",
     "LEITHER_RPC_CONNECTIONS_PER_ADDRESS", SETTING_NUMBER, AT(rpc_connections_per_address), 0,
     65536, "0", "N       of one address; 0: no bound of its own"},
    {"rpc-calls-per-second", "rpc", "calls_per_second", "LEITHER_RPC_CALLS_PER_SECOND",
     SETTING_NUMBER, AT(rpc_calls_per_second), 0, 1000000, "0",
     "N       of one address; 0: no bound"},
    {"rpc-body-size", "rpc", "body_size", "LEITHER_RPC_BODY_SIZE", SETTING_NUMBER,
     AT(rpc_body_size), 1024, 64 << 20, "5242880", "BYTES   of a request at most"},
    {"rpc-batch", "rpc", "batch", "LEITHER_RPC_BATCH", SETTING_NUMBER, AT(rpc_batch), 1, 10000,
     "1000", "N       calls of a batch at most"},
    {"rpc-answer-size", "rpc", "answer_size", "LEITHER_RPC_ANSWER_SIZE", SETTING_NUMBER,
     AT(rpc_answer_size), 65536, 128 << 20, "10485760", "BYTES   of an answer at most"},
    {"rpc-gzip", "rpc", "gzip", "LEITHER_RPC_GZIP", SETTING_NUMBER, AT(rpc_gzip), 0, 128 << 20,
     "8192", "BYTES   answers from here on are compressed if asked; 0: none"},
    {"rpc-transfer-timeout", "rpc", "transfer_timeout", "LEITHER_RPC_TRANSFER_TIMEOUT",
     SETTING_NUMBER, AT(rpc_transfer_timeout_s), 1, 3600, "60",
     "S       for a whole body, and for reading an answer"},
    {"rpc-gas-cap", "rpc", "gas_cap", "LEITHER_RPC_GAS_CAP", SETTING_NUMBER, AT(rpc_gas_cap), 0,
     UINT64_MAX / 2, "0", "GAS     bound of eth_call and eth_estimateGas; 0: 50000000"},
    {"rpc-call-timeout", "rpc", "call_timeout", "LEITHER_RPC_CALL_TIMEOUT", SETTING_NUMBER,
     AT(rpc_call_timeout_s), 0, 3600, "0", "S       their bound in seconds; 0: 5"},
    {"peer-bind", "peer", "bind", "LEITHER_PEER_BIND", SETTING_ADDRESS, AT(peer_bind), 0, 0,
     "127.0.0.1", "ADDRESS where other members' nodes are let in; needed with a ledger of several"},
    {"peer-port", "peer", "port", "LEITHER_PEER_PORT", SETTING_NUMBER, AT(peer_port), 0, 65535,
     "30800", "PORT    0 takes any free one"},
    {"peer-address", "peer", "address", "LEITHER_PEER_ADDRESS", SETTING_ENDPOINT, AT(peer_address),
     0, 0, "", "H:PORT  where others reach peer-port, if not at peer-bind"},
    {"peer-router", "peer", "router", "LEITHER_PEER_ROUTER", SETTING_ROUTER, AT(peer_leaves_router),
     0, 0, "ask",
     "WHAT    ask it to forward the peer port, or leave it, if peer-bind lets others in"},
    {"peer-network", "peer", "network", "LEITHER_PEER_NETWORK", SETTING_NUMBER, AT(peer_network), 0,
     UINT32_MAX, "1", "N       nodes of different networks do not talk"},
    {"founding-policy", "founding", "policy", "LEITHER_FOUNDING_POLICY", SETTING_POLICY,
     AT(founding_policy), 0, 0, "ask",
     "WHAT    who may found together with this node: ask, listed or anyone"},
    {"founding-allow", "founding", "allow", "LEITHER_FOUNDING_ALLOW", SETTING_ACCOUNTS,
     AT(founding_allow), 0, 0, "", "A,B     founders' accounts that need not be asked about"},
    {"workers", NULL, "workers", "LEITHER_WORKERS", SETTING_NUMBER, AT(workers), 0, 64, "0",
     "N       threads beside the loop; 0: one per core"},
    {"ledgers-open", NULL, "ledgers_open", "LEITHER_LEDGERS_OPEN", SETTING_NUMBER, AT(ledgers_open),
     1, 1024, "64", "N       ledgers kept open at once"},
    {"log-level", "log", "level", "LEITHER_LOG_LEVEL", SETTING_LEVEL, AT(log_level), 0, 0, "info",
     "LEVEL   error, warn, info or debug"},
    {"log-format", "log", "format", "LEITHER_LOG_FORMAT", SETTING_FORMAT, AT(log_json), 0, 0,
     "text", "FORMAT  text or json"},
};
#define SETTINGS_COUNT (sizeof settings / sizeof settings[0])

/* A value as text, and where it came from. */
struct found_value {
    char text[PATH_SIZE];
    char origin[ORIGIN_SIZE];
};

/* ---- From text into the struct ---------------------------------------------------------------- */

static bool refuse(const struct found_value *value, const struct setting *setting,
                   struct error *error, const char *expected)
{
    return error_set(error, ERROR_INVALID, "%s=\"%.100s\" (%.120s): expected %s", setting->flag,
                     value->text, value->origin, expected);
}

static bool set_number(const struct found_value *value, const struct setting *setting,
                       uint64_t *out, struct error *error)
{
    char expected[96], *end;
    snprintf(expected, sizeof expected, "a number from %" PRIu64 " to %" PRIu64, setting->min,
             setting->max);
    if (value->text[0] < '0' || value->text[0] > '9')
        return refuse(value, setting, error, expected);
    errno = 0;
    unsigned long long number = strtoull(value->text, &end, 10);
    if (*end != '\0' || errno != 0 || number < setting->min || number > setting->max)
        return refuse(value, setting, error, expected);
    *out = number;
    return true;
}

/* Items between commas; empty text is an empty list. */
static bool set_list(const struct found_value *value, const struct setting *setting,
                     struct config_list *list, struct error *error)
{
    *list = (struct config_list){.count = 0};
    if (strlen(value->text) >= sizeof list->text)
        return refuse(value, setting, error, "at most 1023 characters");
    memcpy(list->text, value->text, strlen(value->text) + 1);
    for (char *item = list->text; *item != '\0';) {
        char *comma = strchr(item, ',');
        if (list->count == CONFIG_LIST_MAX)
            return refuse(value, setting, error, "at most 16 items");
        if (comma != NULL)
            *comma = '\0';
        if (*item == '\0')
            return refuse(value, setting, error, "items between single commas");
        list->items[list->count++] = item;
        item = comma == NULL ? item + strlen(item) : comma + 1;
    }
    return true;
}

static bool set_address(const struct found_value *value, const struct setting *setting, char *out,
                        size_t size, struct error *error)
{
    struct in6_addr bytes;
    if (inet_pton(AF_INET, value->text, &bytes) != 1
        && inet_pton(AF_INET6, value->text, &bytes) != 1)
        return refuse(value, setting, error, "a numeric address such as 127.0.0.1");
    snprintf(out, size, "%.60s", value->text);
    return true;
}

static bool set_accounts(const struct found_value *value, const struct setting *setting,
                         struct config_list *list, struct error *error)
{
    address ignored;
    if (!set_list(value, setting, list, error))
        return false;
    for (size_t i = 0; i < list->count; i++)
        if (address_parse(&ignored, list->items[i]) != ADDRESS_OK)
            return refuse(value, setting, error, "addresses like 0x5aAe..., with right checksums");
    return true;
}

static bool set_policy(const struct found_value *value, const struct setting *setting,
                       enum founding_policy *policy, struct error *error)
{
    static const char *const names[] = {"ask", "listed", "anyone"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(value->text, names[i]) == 0) {
            *policy = (enum founding_policy)i;
            return true;
        }
    }
    return refuse(value, setting, error, "ask, listed or anyone");
}

static bool set_endpoint(const struct found_value *value, const struct setting *setting, char *out,
                         size_t size, struct error *error)
{
    struct endpoint ignored;
    struct error why;
    if (value->text[0] != '\0' && !endpoint_parse(&ignored, value->text, &why))
        return refuse(value, setting, error,
                      "a name or address and a port, like box.example:30800");
    snprintf(out, size, "%.255s", value->text);
    return true;
}

static bool set_value(struct config *config, const struct setting *setting,
                      const struct found_value *value, struct error *error)
{
    void *field = (uint8_t *)config + setting->offset;
    switch (setting->type) {
    case SETTING_PATH:
        if (value->text[0] == '\0' && setting->standard == NULL)
            return refuse(value, setting, error, "a path");
        return path_format(field, error, "%s", value->text);
    case SETTING_ADDRESS: return set_address(value, setting, field, sizeof config->rpc_bind, error);
    case SETTING_NUMBER: return set_number(value, setting, field, error);
    case SETTING_LIST: return set_list(value, setting, field, error);
    case SETTING_ACCOUNTS: return set_accounts(value, setting, field, error);
    case SETTING_ENDPOINT:
        return set_endpoint(value, setting, field, sizeof config->peer_address, error);
    case SETTING_POLICY: return set_policy(value, setting, field, error);
    case SETTING_LEVEL:
        return log_level_parse(field, value->text)
               || refuse(value, setting, error, "error, warn, info or debug");
    case SETTING_ACCESS:
        if (strcmp(value->text, "owner") != 0 && strcmp(value->text, "group") != 0)
            return refuse(value, setting, error, "owner or group");
        *(bool *)field = value->text[0] == 'g';
        return true;
    case SETTING_ROUTER:
        if (strcmp(value->text, "ask") != 0 && strcmp(value->text, "leave") != 0)
            return refuse(value, setting, error, "ask or leave");
        *(bool *)field = value->text[0] == 'l';
        return true;
    case SETTING_FORMAT:
        if (strcmp(value->text, "text") != 0 && strcmp(value->text, "json") != 0)
            return refuse(value, setting, error, "text or json");
        *(bool *)field = value->text[0] == 'j';
        return true;
    }
    return false;
}

/* ---- The file --------------------------------------------------------------------------------- */

static const struct setting *setting_at(const char *section, const char *key)
{
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        bool same_section = section == NULL ? settings[i].section == NULL
                                            : settings[i].section != NULL
                                                  && strcmp(settings[i].section, section) == 0;
        if (same_section && strcmp(settings[i].key, key) == 0)
            return &settings[i];
    }
    return NULL;
}

static bool is_section(const char *name)
{
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        if (settings[i].section != NULL && strcmp(settings[i].section, name) == 0)
            return true;
    }
    return false;
}

/* A JSON list of texts, joined by commas. */
static bool join_list(const json_t *list, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *item = json_string_value(json_array_get(list, i));
        if (item == NULL || strchr(item, ',') != NULL)
            return false;
        int written = snprintf(out + used, size - used, "%s%s", i == 0 ? "" : ",", item);
        if (written < 0 || (size_t)written >= size - used)
            return false;
        used += (size_t)written;
    }
    return true;
}

static bool is_list(const struct setting *setting)
{
    return setting->type == SETTING_LIST || setting->type == SETTING_ACCOUNTS;
}

static bool take_json(const struct setting *setting, const json_t *json, const char *path,
                      struct found_value *value, struct error *error)
{
    bool ok = false;
    if (setting->type == SETTING_NUMBER && json_is_integer(json) && json_integer_value(json) >= 0)
        ok = snprintf(value->text, sizeof value->text, "%" JSON_INTEGER_FORMAT,
                      json_integer_value(json))
             > 0;
    else if (is_list(setting) && json_is_array(json))
        ok = join_list(json, value->text, sizeof value->text);
    else if (setting->type != SETTING_NUMBER && !is_list(setting) && json_is_string(json)
             && json_string_length(json) < sizeof value->text)
        ok = snprintf(value->text, sizeof value->text, "%s", json_string_value(json)) >= 0;
    if (!ok)
        return error_set(error, ERROR_INVALID, "%s: \"%s%s%s\" has the wrong type, expected %s",
                         path, setting->section == NULL ? "" : setting->section,
                         setting->section == NULL ? "" : ".", setting->key,
                         setting->type == SETTING_NUMBER ? "a number"
                         : is_list(setting)              ? "a list of texts"
                                                         : "a text");
    snprintf(value->origin, sizeof value->origin, "file %s", path);
    return true;
}

static bool take_section(const char *section, json_t *object, const char *path,
                         struct found_value *values, struct error *error)
{
    const char *key;
    json_t *json;

    json_object_foreach(object, key, json)
    {
        const struct setting *setting = setting_at(section, key);
        if (setting == NULL && section == NULL && is_section(key) && json_is_object(json)) {
            if (!take_section(key, json, path, values, error))
                return false;
            continue;
        }
        if (setting == NULL)
            return error_set(error, ERROR_INVALID,
                             "%s: unknown key \"%s%s%s\"; lnode --print-config lists all", path,
                             section == NULL ? "" : section, section == NULL ? "" : ".", key);
        if (!take_json(setting, json, path, &values[setting - settings], error))
            return false;
    }
    return true;
}

static bool take_file(const char *path, struct found_value *values, struct error *error)
{
    struct buffer text = {0};
    json_error_t json_error;
    json_t *root = NULL;
    bool ok = false;

    if (!file_read(path, CONFIG_FILE_SIZE_MAX, &text, error))
        goto done;
    root = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &json_error);
    if (root == NULL) {
        error_set(error, ERROR_INVALID, "%s is no JSON: line %d: %s", path, json_error.line,
                  json_error.text);
        goto done;
    }
    if (!json_is_object(root)) {
        error_set(error, ERROR_INVALID, "%s: expected one JSON object", path);
        goto done;
    }
    ok = take_section(NULL, root, path, values, error);
done:
    json_decref(root);
    buffer_cleanup(&text);
    return ok;
}

/* $XDG_CONFIG_HOME/leither/node.json or ~/.config/leither/node.json, if it exists. */
static bool default_file(const struct config_sources *sources, char path[PATH_SIZE])
{
    struct error ignored;
    const char *folder = sources->environment("XDG_CONFIG_HOME");
    const char *home = sources->environment("HOME");
    bool ok = false;

    if (folder != NULL && folder[0] == '/')
        ok = path_format(path, &ignored, "%s/leither/node.json", folder);
    else if (home != NULL && home[0] == '/')
        ok = path_format(path, &ignored, "%s/.config/leither/node.json", home);
    return ok && file_exists(path);
}

/* ---- All sources in order ------------------------------------------------------------------------ */

static bool take_defaults(struct found_value *values, struct error *error)
{
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        if (settings[i].standard != NULL)
            snprintf(values[i].text, sizeof values[i].text, "%s", settings[i].standard);
        else if (!data_dir_default(values[i].text, error))
            return false;
        snprintf(values[i].origin, sizeof values[i].origin, "default");
    }
    return true;
}

static bool take_text(struct found_value *value, const char *text, const char *kind,
                      const char *name, struct error *error)
{
    if (strlen(text) >= sizeof value->text)
        return error_set(error, ERROR_INVALID, "%s %s is longer than %zu characters", kind, name,
                         sizeof value->text - 1);
    memcpy(value->text, text, strlen(text) + 1);
    snprintf(value->origin, sizeof value->origin, "%s %s", kind, name);
    return true;
}

static bool take_environment(const struct config_sources *sources, struct found_value *values,
                             struct error *error)
{
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        const char *text = sources->environment(settings[i].variable);
        if (text != NULL
            && !take_text(&values[i], text, "environment", settings[i].variable, error))
            return false;
    }
    return true;
}

static const struct setting *setting_of_flag(const char *name)
{
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        if (strcmp(settings[i].flag, name) == 0)
            return &settings[i];
    }
    return NULL;
}

static bool take_flags(const struct config_sources *sources, struct found_value *values,
                       struct error *error)
{
    for (size_t i = 0; i + 1 < sources->flags_count; i += 2) {
        const struct setting *setting = setting_of_flag(sources->flags[i]);
        char name[64];
        if (setting == NULL)
            return error_set(error, ERROR_INVALID, "unknown flag --%.60s; see lnode --help",
                             sources->flags[i]);
        snprintf(name, sizeof name, "--%s", setting->flag);
        if (!take_text(&values[setting - settings], sources->flags[i + 1], "flag", name, error))
            return false;
    }
    return true;
}

static bool take_all(const struct config_sources *sources, struct found_value *values,
                     struct error *error)
{
    char standard[PATH_SIZE];
    const char *file = sources->file;

    if (file == NULL)
        file = sources->environment("LEITHER_CONFIG");
    if (file == NULL && default_file(sources, standard))
        file = standard;
    return take_defaults(values, error) && (file == NULL || take_file(file, values, error))
           && take_environment(sources, values, error) && take_flags(sources, values, error);
}

bool config_load(struct config *config, const struct config_sources *sources, struct error *error)
{
    struct found_value *values = memory_new_zeroed(SETTINGS_COUNT, sizeof *values);
    bool ok = take_all(sources, values, error);

    memset(config, 0, sizeof *config);
    for (size_t i = 0; ok && i < SETTINGS_COUNT; i++)
        ok = set_value(config, &settings[i], &values[i], error);
    free(values);
    return ok;
}

bool config_describe(const struct config_sources *sources, struct buffer *out, struct error *error)
{
    struct found_value *values = memory_new_zeroed(SETTINGS_COUNT, sizeof *values);
    struct config *config = memory_new_zeroed(1, sizeof *config);
    bool ok = take_all(sources, values, error);

    for (size_t i = 0; ok && i < SETTINGS_COUNT; i++) {
        ok = set_value(config, &settings[i], &values[i], error);
        buffer_append_format(out, "%-27s %-28s %s\n", settings[i].flag,
                             values[i].text[0] == '\0' ? "-" : values[i].text, values[i].origin);
    }
    free(config);
    free(values);
    return ok;
}

bool config_is_flag(const char *name)
{
    return setting_of_flag(name) != NULL;
}

void config_help(struct buffer *out)
{
    for (size_t i = 0; i < SETTINGS_COUNT; i++)
        buffer_append_format(
            out, "  --%-27s %s%s%s%s\n", settings[i].flag, settings[i].help,
            settings[i].standard == NULL || settings[i].standard[0] == '\0' ? "" : " (",
            settings[i].standard == NULL ? "" : settings[i].standard,
            settings[i].standard == NULL || settings[i].standard[0] == '\0' ? "" : ")");
}
#undef AT
