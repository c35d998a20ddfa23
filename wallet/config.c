#include "wallet/config.h"

#include "vm/base/u256.h"
#include "wallet/files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CONFIG_SIZE_MAX 65536
#define LEDGERS         "ledgers"

static const struct {
    const char *name;
    const char *environment;
    enum option_id option;
} rows[SETTING_COUNT] = {
    [SETTING_RPC] = {"rpc", "LEITHER_RPC", OPTION_RPC},
    [SETTING_ORG] = {"org", "LEITHER_ORG", OPTION_ORG},
    [SETTING_ACCOUNT] = {"account", "LEITHER_ACCOUNT", OPTION_ACCOUNT},
    [SETTING_PASSWORD_FILE] = {"password_file", "LEITHER_PASSWORD_FILE", OPTION_PASSWORD_FILE},
    [SETTING_TOKEN_FILE] = {"token_file", "LEITHER_TOKEN_FILE", OPTION_TOKEN_FILE},
};

const char *setting_name(enum setting setting)
{
    return rows[setting].name;
}

const char *setting_environment(enum setting setting)
{
    return rows[setting].environment;
}

bool setting_find(enum setting *setting, const char *name)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            *setting = (enum setting)i;
            return true;
        }
    }
    return false;
}

const char *config_path(struct wallet *wallet, const char *name)
{
    return arena_format(&wallet->arena, "%s/%s", wallet->config_dir, name);
}

/* A directory of the XDG base directory specification: only absolute ones count. */
static const char *xdg_dir(struct wallet *wallet, const char *variable, const char *fallback)
{
    const char *dir = getenv(variable);
    const char *home = getenv("HOME");
    if (dir != NULL && dir[0] == '/')
        return arena_format(&wallet->arena, "%s/leither", dir);
    if (home != NULL && home[0] == '/')
        return arena_format(&wallet->arena, "%s/%s/leither", home, fallback);
    return NULL;
}

static bool check_types(const json_t *config, const char *path, struct error *error)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const json_t *value = json_object_get(config, rows[i].name);
        if (value != NULL && !json_is_string(value))
            return error_set(error, ERROR_INVALID, "%s: \"%s\" is not a text", path, rows[i].name);
    }
    const json_t *ledgers = json_object_get(config, LEDGERS);
    return ledgers == NULL || json_is_object(ledgers)
           || error_set(error, ERROR_INVALID, "%s: \"%s\" is not an object", path, LEDGERS);
}

static bool parse_file(struct wallet *wallet, const char *path, struct bytes text,
                       struct error *error)
{
    json_error_t reason;
    wallet->config =
        json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &reason);
    if (wallet->config == NULL)
        return error_set(error, ERROR_INVALID, "%s is not JSON: line %d, column %d: %s", path,
                         reason.line, reason.column, reason.text);
    if (!json_is_object(wallet->config))
        return error_set(error, ERROR_INVALID, "%s holds no JSON object", path);
    return check_types(wallet->config, path, error);
}

bool config_load(struct wallet *wallet, struct error *error)
{
    struct buffer text = {0};
    const char *dir = xdg_dir(wallet, "XDG_CONFIG_HOME", ".config");
    if (dir == NULL || strlen(dir) >= sizeof wallet->config_dir)
        return error_set(error, ERROR_NOT_FOUND,
                         "no place for the configuration: HOME or XDG_CONFIG_HOME must be a path");
    snprintf(wallet->config_dir, sizeof wallet->config_dir, "%s", dir);
    const char *path = config_path(wallet, "config.json");
    bool ok = files_read(path, CONFIG_SIZE_MAX, &text, error);
    if (!ok && error->code == ERROR_NOT_FOUND) {
        wallet->config = json_object();
        ok = true;
    } else if (ok) {
        ok = parse_file(wallet, path, buffer_view(&text), error);
    }
    buffer_cleanup(&text);
    return ok;
}

/* The node's token lies in its data directory. */
static const char *default_token_file(struct wallet *wallet)
{
    const char *data_dir = getenv("LEITHER_DATA_DIR");
    if (data_dir == NULL || *data_dir == '\0')
        data_dir = xdg_dir(wallet, "XDG_DATA_HOME", ".local/share");
    return data_dir == NULL ? NULL : arena_format(&wallet->arena, "%s/admin.token", data_dir);
}

static const char *default_of(struct wallet *wallet, enum setting setting)
{
    if (setting == SETTING_RPC)
        return "http://127.0.0.1:8545";
    return setting == SETTING_TOKEN_FILE ? default_token_file(wallet) : NULL;
}

const char *config_get(struct wallet *wallet, enum setting setting, enum setting_origin *origin)
{
    enum setting_origin ignored;
    enum setting_origin *found = origin != NULL ? origin : &ignored;
    const char *flag = wallet->options.values[rows[setting].option];
    const char *variable = getenv(rows[setting].environment);
    const char *stored = json_string_value(json_object_get(wallet->config, rows[setting].name));
    const char *fallback = default_of(wallet, setting);
    *found = flag != NULL                            ? ORIGIN_FLAG
             : variable != NULL && *variable != '\0' ? ORIGIN_ENVIRONMENT
             : stored != NULL && *stored != '\0'     ? ORIGIN_FILE
             : fallback != NULL                      ? ORIGIN_DEFAULT
                                                     : ORIGIN_NONE;
    switch (*found) {
    case ORIGIN_FLAG: return flag;
    case ORIGIN_ENVIRONMENT: return variable;
    case ORIGIN_FILE: return stored;
    case ORIGIN_DEFAULT: return fallback;
    case ORIGIN_NONE: break;
    }
    return NULL;
}

static bool store(struct wallet *wallet, struct error *error)
{
    const char *path = config_path(wallet, "config.json");
    if (!files_make_dir(wallet->config_dir, error))
        return false;
    char *text = json_dumps(wallet->config, JSON_INDENT(2) | JSON_SORT_KEYS);
    struct buffer content = {0};
    buffer_append_text(&content, text);
    buffer_append_u8(&content, '\n');
    free(text);
    bool ok = files_write(path, buffer_view(&content), true, error);
    buffer_cleanup(&content);
    return ok;
}

bool config_set(struct wallet *wallet, enum setting setting, const char *value, struct error *error)
{
    if (value == NULL)
        json_object_del(wallet->config, rows[setting].name);
    else if (json_object_set_new(wallet->config, rows[setting].name, json_string(value)) != 0)
        return error_set(error, ERROR_INVALID, "the value of %s is not UTF-8", rows[setting].name);
    return store(wallet, error);
}

/* As texts: not every reader of JSON holds 64 bits. */
bool config_ledger(const struct wallet *wallet, const char *url, uint64_t *chain_id)
{
    u256 number;
    const json_t *ledgers = json_object_get(wallet->config, LEDGERS);
    const char *text = json_string_value(json_object_get(ledgers, url));
    if (text == NULL || !u256_parse_decimal(&number, text, strlen(text)) || !u256_fits_u64(&number))
        return false;
    *chain_id = number.limbs[0];
    return true;
}

bool config_keep_ledger(struct wallet *wallet, const char *url, uint64_t chain_id,
                        struct error *error)
{
    char text[24];
    json_t *ledgers = json_object_get(wallet->config, LEDGERS);
    if (ledgers == NULL) {
        ledgers = json_object();
        json_object_set_new(wallet->config, LEDGERS, ledgers);
    }
    snprintf(text, sizeof text, "%" PRIu64, chain_id);
    json_object_set_new(ledgers, url, json_string(text));
    return store(wallet, error);
}
