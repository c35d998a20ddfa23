#include "tests/unit/node/temporary.h"

#include "node/config.h"

static const char *environment_rpc_port;

static const char *environment_of_test(const char *name)
{
    if (strcmp(name, "LEITHER_RPC_PORT") == 0)
        return environment_rpc_port;
    return NULL;
}

static bool load(struct config *config, const char *file, const char *const *flags,
                 size_t flags_count, struct error *error)
{
    struct config_sources sources = {file, environment_of_test, flags, flags_count};
    return config_load(config, &sources, error);
}

static bool load_file(struct config *config, const char *json, struct error *error)
{
    char *folder = temporary_folder(), path[PATH_SIZE];
    cr_assert(path_format(path, error, "%s/node.json", folder));
    cr_assert(file_write(path, bytes_of_text(json), error));
    bool ok = load(config, path, NULL, 0, error);
    temporary_remove(folder);
    return ok;
}

Test(config, starts_from_defaults_on_loopback)
{
    struct config config;
    struct error error;
    cr_assert(load(&config, NULL, NULL, 0, &error), "%s", error.text);
    cr_expect_str_eq(config.rpc_bind, "127.0.0.1");
    cr_expect_eq(config.rpc_port, 8545);
    cr_expect_eq(config.ledgers_open, 64);
    cr_expect_str_eq(config.rpc_socket, "");
    cr_expect_not(config.rpc_socket_for_group);
    cr_expect_eq(config.rpc_connections, 2048);
    cr_expect_eq(config.rpc_calls_per_second, 0);
    cr_expect_eq(config.rpc_hosts.count, 0);
    cr_expect_eq(config.log_level, LOG_INFO);
}

Test(config, lets_flags_win_over_environment_over_file)
{
    struct config config;
    struct error error;
    const char *const flags[] = {"rpc-port", "3"};

    cr_assert(load_file(&config, "{\"rpc\": {\"port\": 1}}", &error), "%s", error.text);
    cr_expect_eq(config.rpc_port, 1);
    environment_rpc_port = "2";
    cr_assert(load_file(&config, "{\"rpc\": {\"port\": 1}}", &error), "%s", error.text);
    cr_expect_eq(config.rpc_port, 2);
    cr_assert(load(&config, NULL, flags, 2, &error), "%s", error.text);
    cr_expect_eq(config.rpc_port, 3);
}

Test(config, knows_with_whom_to_found)
{
    struct config config;
    struct error error;
    cr_assert(load(&config, NULL, NULL, 0, &error), "%s", error.text);
    cr_expect_eq(config.founding_policy, FOUNDING_ASK);
    cr_expect_str_eq(config.peer_address, "");
    cr_assert(load_file(&config,
                        "{\"founding\": {\"policy\": \"listed\", \"allow\": "
                        "[\"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\"]}, \"peer\": "
                        "{\"address\": \"box.example:30800\"}}",
                        &error),
              "%s", error.text);
    cr_expect_eq(config.founding_policy, FOUNDING_LISTED);
    cr_expect_eq(config.founding_allow.count, 1);
    cr_expect_str_eq(config.peer_address, "box.example:30800");
    static const char *const wrong[][2] = {
        {"{\"founding\": {\"policy\": \"friends\"}}", "ask, listed or anyone"},
        {"{\"founding\": {\"allow\": [\"alice\"]}}", "right checksums"},
        {"{\"founding\": {\"allow\": [\"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD\"]}}",
         "right checksums"},
        {"{\"founding\": {\"allow\": \"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\"}}",
         "a list of texts"},
        {"{\"peer\": {\"address\": \"box.example\"}}", "box.example:30800"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect_not(load_file(&config, wrong[i][0], &error), "%s", wrong[i][0]);
        cr_expect_not_null(strstr(error.text, wrong[i][1]), "%s", error.text);
    }
}

Test(config, takes_every_type_from_the_file)
{
    struct config config;
    struct error error;
    cr_assert(
        load_file(
            &config,
            "{\"data_dir\": \"/x\", \"rpc\": {\"hosts\": [\"a\", \"b\"], \"bind\": "
            "\"::1\", \"socket\": \"/s\", \"socket_access\": \"group\", "
            "\"calls_per_second\": 7}, \"log\": {\"level\": \"debug\", \"format\": \"json\"}}",
            &error),
        "%s", error.text);
    cr_expect_str_eq(config.data_dir, "/x");
    cr_assert_eq(config.rpc_hosts.count, 2);
    cr_expect_str_eq(config.rpc_hosts.items[1], "b");
    cr_expect_eq(config.log_level, LOG_DEBUG);
    cr_expect(config.log_json);
    cr_expect_str_eq(config.rpc_socket, "/s");
    cr_expect(config.rpc_socket_for_group);
    cr_expect_eq(config.rpc_calls_per_second, 7);
}

Test(config, names_what_is_wrong)
{
    static const struct {
        const char *json, *named;
    } cases[] = {
        {"{\"rpc\": {\"prot\": 1}}", "rpc.prot"},
        {"{\"nonsense\": 1}", "nonsense"},
        {"{\"rpc\": 1}", "rpc"},
        {"{\"rpc\": {\"port\": \"1\"}}", "rpc.port"},
        {"{\"rpc\": {\"port\": 65536}}", "65535"},
        {"{\"rpc\": {\"port\": -1}}", "rpc.port"},
        {"{\"rpc\": {\"bind\": \"localhost\"}}", "numeric address"},
        {"{\"log\": {\"level\": \"loud\"}}", "error, warn, info or debug"},
        {"{\"rpc\": {\"socket_access\": \"all\"}}", "owner or group"},
        {"{\"rpc\": {\"connections\": 7}}", "from 8 to 65536"},
        {"{\"rpc\": {\"body_size\": 1}}", "from 1024 to"},
        {"{\"data_dir\": \"\"}", "a path"},
        {"{\"workers\": 1, \"workers\": 2}", "no JSON"},
        {"{", "line 1"},
        {"[]", "object"},
        {"{\"rpc\": {\"hosts\": [1]}}", "rpc.hosts"},
        {"{\"rpc\": {\"hosts\": [\"a,b\"]}}", "rpc.hosts"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct config config;
        struct error error;
        cr_expect_not(load_file(&config, cases[i].json, &error), "%s", cases[i].json);
        cr_expect(strstr(error.text, cases[i].named) != NULL, "%s: %s", cases[i].json, error.text);
    }
}

Test(config, says_where_each_value_came_from)
{
    const char *const flags[] = {"log-level", "warn"};
    struct config_sources sources = {NULL, environment_of_test, flags, 2};
    struct buffer text = {0};
    struct error error;

    environment_rpc_port = "9";
    cr_assert(config_describe(&sources, &text, &error), "%s", error.text);
    buffer_append_u8(&text, 0);
    const char *lines = (const char *)text.data;
    cr_expect(strstr(lines, "environment LEITHER_RPC_PORT") != NULL, "%s", lines);
    cr_expect(strstr(lines, "flag --log-level") != NULL, "%s", lines);
    cr_expect(strstr(lines, "default") != NULL, "%s", lines);
    buffer_cleanup(&text);
}
