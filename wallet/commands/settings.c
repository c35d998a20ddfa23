/* config, config set, config unset. */
#include "rpc/client.h"
#include "wallet/book.h"
#include "wallet/chain.h"
#include "wallet/commands/commands.h"
#include "wallet/config.h"

#include <limits.h>
#include <unistd.h>

static const char *origin_text(struct wallet *wallet, enum setting setting,
                               enum setting_origin origin)
{
    switch (origin) {
    case ORIGIN_NONE: return "not set";
    case ORIGIN_FLAG: return "flag";
    case ORIGIN_ENVIRONMENT:
        return arena_format(&wallet->arena, "environment %s", setting_environment(setting));
    case ORIGIN_FILE:
        return arena_format(&wallet->arena, "file %s", config_path(wallet, "config.json"));
    case ORIGIN_DEFAULT: return "default";
    }
    return "";
}

COMMAND(config_show)
{
    (void)arguments;
    (void)count;
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        enum setting_origin origin;
        const char *name = setting_name((enum setting)i);
        const char *value = config_get(wallet, (enum setting)i, &origin);
        const char *from = origin_text(wallet, (enum setting)i, origin);
        wallet_say(wallet, "%-14s %s  (%s)", name, value == NULL ? "-" : value, from);
        json_t *shown = value == NULL ? json_null() : json_string(value);
        wallet_put(
            wallet, name,
            json_pack("{s:o, s:s}", "value", shown == NULL ? json_null() : shown, "from", from));
    }
    return WALLET_OK;
}

static enum wallet_exit refuse_key(struct wallet *wallet, const char *key)
{
    return wallet_fail(wallet, WALLET_USAGE, "lwallet config",
                       "there is no setting \"%.40s\"; expected rpc, org, account, password_file "
                       "or token_file",
                       key);
}

static bool check_url(const char *url, struct error *error)
{
    struct rpc_client *client = rpc_client_new(url, NULL, 1, error); /* connects to nothing yet */
    rpc_client_free(client);
    return client != NULL;
}

static bool check_account(struct wallet *wallet, const char *name, struct error *error)
{
    struct book_entry entry;
    wallet->options.values[OPTION_ACCOUNT] = name;
    return book_acting_account(wallet, &entry, error);
}

/* A file that is named from this folder is to be found from any other. */
static bool make_absolute(struct wallet *wallet, const char **path, struct error *error)
{
    char folder[PATH_MAX];
    if (**path == '/')
        return true;
    if (**path == '\0')
        return error_set(error, ERROR_INVALID, "an empty text names no file");
    if (getcwd(folder, sizeof folder) == NULL)
        return error_set_errno(error, "the current folder has no name");
    *path = arena_format(&wallet->arena, "%s/%s", folder, *path);
    return true;
}

/* What cannot work is refused now, not by every command that follows. */
static bool check_value(struct wallet *wallet, enum setting setting, const char **value,
                        struct error *error)
{
    switch (setting) {
    case SETTING_RPC: return check_url(*value, error);
    case SETTING_ORG:
        return chain_is_label(*value)
               || error_set(error, ERROR_INVALID,
                            "\"%.60s\" is no organisation's label; expected letters, digits and -",
                            *value);
    case SETTING_ACCOUNT: return check_account(wallet, *value, error);
    case SETTING_PASSWORD_FILE:
    case SETTING_TOKEN_FILE: return make_absolute(wallet, value, error);
    case SETTING_COUNT: break;
    }
    return true;
}

COMMAND(config_set)
{
    struct error error;
    enum setting setting;
    const char *value = arguments[1];
    (void)count;
    if (!setting_find(&setting, arguments[0]))
        return refuse_key(wallet, arguments[0]);
    if (!check_value(wallet, setting, &value, &error))
        return wallet_fail_error(wallet, &error, "lwallet config");
    if (!config_set(wallet, setting, value, &error))
        return wallet_fail_error(wallet, &error, NULL);
    wallet_say(wallet, "%s is %s", arguments[0], value);
    wallet_put_text(wallet, arguments[0], value);
    return WALLET_OK;
}

COMMAND(config_unset)
{
    struct error error;
    enum setting setting;
    (void)count;
    if (!setting_find(&setting, arguments[0]))
        return refuse_key(wallet, arguments[0]);
    if (!config_set(wallet, setting, NULL, &error))
        return wallet_fail_error(wallet, &error, NULL);
    wallet_say(wallet, "%s is no longer kept", arguments[0]);
    wallet_put(wallet, arguments[0], json_null());
    return WALLET_OK;
}
