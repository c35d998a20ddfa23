/* config, config set, config unset. */
#include "wallet/commands/commands.h"
#include "wallet/config.h"

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

COMMAND(config_set)
{
    struct error error;
    enum setting setting;
    (void)count;
    if (!setting_find(&setting, arguments[0]))
        return refuse_key(wallet, arguments[0]);
    if (!config_set(wallet, setting, arguments[1], &error))
        return wallet_fail_error(wallet, &error, NULL);
    wallet_say(wallet, "%s is %s", arguments[0], arguments[1]);
    wallet_put_text(wallet, arguments[0], arguments[1]);
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
